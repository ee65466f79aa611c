// The values of a record are changed in place (quick.js). What else says the same is right again at once: the head with
// its badges and facts, other values that follow, the crumb. It is read from the page as the server draws it now; what
// is told of the past is asked for again (record.js).
(() => {
  const sections = document.querySelector("[data-sections]");
  const cells = [...sections.querySelectorAll(".value > dd")];
  const buttonOf = (cell) => cell.querySelector("[data-quick-start]");
  const bare = (cell) => {
    const copy = cell.cloneNode(true);
    copy.querySelectorAll("[data-quick-start], .quick").forEach((part) => part.remove());
    return copy.innerHTML;
  };
  const drawn = new Map(cells.map((cell) => [cell, bare(cell)])); // as the server drew them

  // By keyboard -----------------------------------------------------------------

  // All pencils are one stop on the way; the arrows lead on from there.
  const shown = (button) => sections.matches(".show-empty") || button.closest(".value").matches(":not(.is-empty), .is-touched");
  const stops = () => cells.map(buttonOf).filter((button) => button && shown(button));
  let stop = null;

  function rest(button) {
    if (stop) stop.tabIndex = -1;
    stop = button || null;
    if (stop) stop.tabIndex = 0;
  }
  rest(stops()[0]);
  sections.addEventListener("focusin", (event) => event.target.matches("[data-quick-start]") && rest(event.target));
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-fold]") && !(stop && shown(stop))) rest(stops()[0]);
  });
  sections.addEventListener("keydown", (event) => {
    const button = event.target;
    if (event.ctrlKey || event.metaKey || event.altKey || !button.matches("[data-quick-start]")) return;
    const all = stops();
    const here = all.indexOf(button);
    const next = { ArrowRight: here + 1, ArrowDown: here + 1, ArrowLeft: here - 1, ArrowUp: here - 1, Home: 0, End: all.length - 1 };
    if (event.key in next) {
      event.preventDefault();
      all[next[event.key]]?.focus();
    } else if (event.key === "F2") {
      event.preventDefault();
      window.indexus.editCell(button.closest("[data-quick]"));
    }
  });

  // After a change --------------------------------------------------------------

  /** A value that was emptied here stays in sight, to be filled again or undone. */
  function fill(cell, fresh) {
    const button = buttonOf(cell);
    if (button) window.indexus.drawCell(cell, fresh.innerHTML);
    else cell.replaceChildren(...fresh.cloneNode(true).childNodes);
    const value = cell.parentElement;
    const section = cell.closest(".section");
    value.className = `${fresh.parentElement.className} is-touched`;
    section.className = fresh.closest(".section").className;
  }

  function refill(page) {
    const now = [...page.querySelectorAll("[data-sections] .value > dd")];
    if (now.length !== cells.length) return location.reload(); // rights have changed since
    cells.forEach((cell, index) => {
      if (drawn.get(cell) === now[index].innerHTML || cell.querySelector(".quick")) return;
      drawn.set(cell, now[index].innerHTML);
      fill(cell, now[index]);
    });
    for (const part of [".record-name", ".crumbs"]) {
      const fresh = page.querySelector(part);
      if (fresh) document.querySelector(part)?.replaceChildren(...fresh.childNodes);
    }
    document.title = page.title;
    const remove = document.querySelector(".record-acts [data-delete]");
    const asked = page.querySelector(".record-acts [data-delete]");
    if (remove && asked) {
      Object.assign(remove.dataset, asked.dataset);
      remove.querySelector("span").textContent = asked.textContent.trim();
      Object.assign(document.getElementById("delete-form").dataset, page.getElementById("delete-form").dataset);
    }
    const fold = document.querySelector("[data-fold]");
    const count = page.querySelector("[data-fold] span")?.textContent;
    if (fold && count) {
      fold.dataset.closed = count;
      if (fold.getAttribute("aria-expanded") !== "true") fold.querySelector("span").textContent = count;
    }
  }

  let asked = 0;
  sections.addEventListener("quick:drawn", async (event) => {
    drawn.set(event.target, ""); // drawn short for the moment
    document.dispatchEvent(new CustomEvent("past:changed"));
    const mine = ++asked;
    const answer = await fetch(location.pathname + location.search).catch(() => null);
    if (mine !== asked) return; // a later change reads it all
    if (!answer?.ok) return location.reload();
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (mine === asked) refill(page);
  });
})();
