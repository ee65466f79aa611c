// Naming a colleague: @ and the beginning of a name open a list; the arrows choose, Enter takes, Escape leaves.
(() => {
  const { make } = window.indexus;

  document.querySelectorAll("textarea[data-mention]").forEach((area) => {
    const list = make("div", "mention-list", "", { role: "listbox", id: `${area.id}-people`, "aria-label": area.dataset.found });
    list.hidden = true;
    area.after(list);
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"],
      ["aria-controls", list.id], ["aria-haspopup", "listbox"]]) area.setAttribute(name, value);
    let people = [];
    let chosen = 0;
    let asked = 0;
    let left = null;

    /** What stands behind an @ at the caret; null when there is none. */
    function typed() {
      const found = area.value.slice(0, area.selectionStart).match(/(?:^|[\s(])@([^\s@[\]]{0,40}(?: [^\s@[\]]{0,40})?)$/u);
      return found ? found[1] : null;
    }

    function close() {
      asked += 1;
      list.hidden = true;
      people = [];
      area.setAttribute("aria-expanded", "false");
      area.removeAttribute("aria-activedescendant");
    }

    function mark() {
      [...list.children].forEach((option, index) => option.setAttribute("aria-selected", String(index === chosen)));
      list.children[chosen]?.scrollIntoView({ block: "nearest" });
      area.setAttribute("aria-activedescendant", list.children[chosen]?.id || "");
    }

    async function look() {
      const words = typed();
      if (words === null || left === area.selectionStart - words.length) return close();
      left = null;
      const mine = ++asked;
      const url = new URL(area.dataset.mention, location.href);
      url.searchParams.set("q", words);
      let found = [];
      try {
        const answer = await fetch(url, { headers: { Accept: "application/json" } });
        if (answer.ok) found = (await answer.json()).results;
      } catch {
        found = []; // a text can be written without a list to choose from
      }
      if (mine !== asked) return;
      if (!found.length) return close();
      people = found;
      chosen = 0;
      list.replaceChildren(
        ...people.map((person, index) => {
          const option = make("div", "", "", { role: "option", id: `${list.id}-${index}`, "data-index": index });
          option.append(make("span", "", person.text), make("small", "", person.username));
          return option;
        }),
      );
      list.hidden = false;
      area.setAttribute("aria-expanded", "true");
      mark();
    }

    function take(index) {
      const words = typed();
      if (words === null || !people[index]) return close();
      const end = area.selectionStart;
      area.setRangeText(`@[${people[index].username}] `, end - words.length - 1, end, "end");
      close();
      area.focus();
    }

    area.addEventListener("input", look);
    area.addEventListener("blur", () => setTimeout(close, 150));
    list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const option = event.target.closest('[role="option"]');
      if (option) take(Number(option.dataset.index));
    });
    area.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        area.form.requestSubmit();
        return;
      }
      if (list.hidden) return;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) {
        event.preventDefault();
        chosen = (chosen + step + people.length) % people.length;
        mark();
      } else if (event.key === "Enter" || event.key === "Tab") {
        event.preventDefault();
        take(chosen);
      } else if (event.key === "Escape") {
        event.preventDefault();
        event.stopPropagation();
        left = area.selectionStart - (typed() ?? "").length;
        close();
      }
    });
  });
})();
