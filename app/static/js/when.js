// Fields that hang on another one ("only with a correspondence address") are folded away until it says so.
// What they hold is kept and sent as it is; without scripts all of them are simply there.
(() => {
  const { make, word } = window.indexus;

  window.indexus.foldFields = (form) => {
    const dependents = [...form.querySelectorAll("[data-when]")];
    const groups = Map.groupBy
      ? Map.groupBy(dependents, (holder) => holder.dataset.when)
      : dependents.reduce((found, holder) => found.set(holder.dataset.when, [...(found.get(holder.dataset.when) || []), holder]), new Map());

    const valueOf = (holder) => {
      const box = holder.querySelector('input[type="checkbox"].tick');
      if (box) return box.checked ? "1" : "0";
      return holder.querySelector("select, input:not([type=hidden])")?.value ?? "";
    };
    const filled = (holder) =>
      [...holder.querySelectorAll("input:not([type=hidden]), select, textarea")].some((control) =>
        control.type === "checkbox" ? control.checked : control.value.trim() !== "",
      );

    for (const [name, holders] of groups) {
      const controller = form.querySelector(`[data-field="${CSS.escape(name)}"]`);
      if (!controller) continue;
      let opened = false; // somebody wants to see what is folded
      const note = make("p", "folded-note", "", { role: "status" });
      controller.append(note);

      const draw = () => {
        const value = valueOf(controller);
        let kept = 0;
        for (const holder of holders) {
          const wanted = holder.dataset.whenValues.split(" ").includes(value);
          const fold = !wanted && !opened && !holder.classList.contains("has-error");
          holder.hidden = fold;
          if (fold && filled(holder)) kept += 1;
        }
        note.replaceChildren();
        if (!kept) return;
        const show = make("button", "button is-plain is-small", word("show"), { type: "button" });
        show.addEventListener("click", () => {
          opened = true;
          draw();
          holders.find(filled)?.querySelector("input:not([type=hidden]), select, textarea")?.focus();
        });
        note.append(word("folded").replace("{count}", kept), " ", show);
      };
      controller.addEventListener("change", () => {
        opened = false;
        draw();
      });
      draw();
    }
  };

  const form = document.querySelector("form[data-form]");
  if (form) window.indexus.foldFields(form);
})();
