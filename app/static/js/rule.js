// The form of a rule shows the conditions of the chosen trigger, and what the rule would have told.
(() => {
  const form = document.querySelector("[data-rule]");
  if (!form) return;
  const { trigger, what, whose } = form.elements;
  const body = document.querySelector("[data-preview-body]");

  function show() {
    const takes = (trigger.selectedOptions[0]?.dataset.takes || "").split(" ");
    const table = trigger.value === "owner_change" ? whose.value : what.value.split(".")[0];
    for (const part of form.querySelectorAll("[data-condition]")) {
      const name = part.dataset.condition;
      let shown = name === "whose" ? trigger.value === "owner_change" : takes.includes(name);
      // A condition that this kind of record does not know is not asked for.
      if (shown && part.dataset.owned !== undefined && takes.includes("table")) shown = part.dataset.owned.split(" ").includes(table);
      part.hidden = !shown;
    }
    for (const codes of form.querySelectorAll("[data-codes]")) codes.hidden = codes.dataset.codes !== what.value;
  }

  let timer = 0;
  let asked = 0;
  async function preview() {
    const turn = ++asked;
    body.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.dataset.preview, { method: "POST", body: new FormData(form) });
      if (!answer.ok || turn !== asked) return;
      const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
      body.replaceChildren(...parsed.body.childNodes);
    } catch {
      // What stands there is what was last known.
    } finally {
      if (turn === asked) body.removeAttribute("aria-busy");
    }
  }

  form.addEventListener("change", (event) => {
    show();
    if (["name", "priority", "kind", "active"].includes(event.target.name)) return;
    clearTimeout(timer);
    timer = setTimeout(preview, 250);
  });
  show();
})();
