// The board: where its cards are, and what becomes of one that was moved. The server decides; what it refuses goes back.
(() => {
  const { word, toast } = window.indexus;
  const board = document.querySelector("[data-board]");
  if (!board) return;
  const words = JSON.parse(document.getElementById("board-words").textContent);
  const { href, csrf } = board.dataset;
  const live = document.querySelector("[data-live]");
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const movable = "moves" in board.dataset;

  const fill = (text, values) => Object.entries(values).reduce((said, [name, value]) => said.replace(`{${name}}`, () => value), text);
  const lanes = () => [...board.querySelectorAll("[data-lane]")];
  const cards = (lane) => [...lane.children].filter((one) => one.matches("[data-deal]"));
  const cardOf = (id) => board.querySelector(`[data-deal="${CSS.escape(id)}"]`);
  const columnOf = (element) => element.closest("[data-stage]");
  const linkOf = (card) => card.querySelector("[data-open]");
  const titleOf = (card) => card.dataset.title;

  /** Said to who listens; the same words twice are said twice. */
  function tell(text) {
    live.textContent = "";
    requestAnimationFrame(() => (live.textContent = text));
  }

  const neighbour = (card, step) => {
    let next = card[step];
    while (next && !next.matches("[data-deal]")) next = next[step];
    return next;
  };

  /** Where a card is: its stage, the cards around it, and what it takes to put it back. */
  function at(card) {
    const above = neighbour(card, "previousElementSibling");
    const below = neighbour(card, "nextElementSibling");
    return {
      stage: columnOf(card).dataset.stage, above: above?.dataset.deal || "", below: below?.dataset.deal || "",
      lane: card.parentElement, next: card.nextElementSibling,
    };
  }

  function putBack(card, origin) {
    const lane = board.contains(origin.lane) ? origin.lane : board.querySelector(`[data-lane="${CSS.escape(origin.stage)}"]`);
    const above = origin.above && cardOf(origin.above);
    if (!lane) return card.remove();
    if (origin.next?.parentElement === lane) lane.insertBefore(card, origin.next);
    else if (above && above.parentElement === lane) above.after(card);
    else lane.prepend(card);
  }

  function parsed(html) {
    return new DOMParser().parseFromString(`<ol>${html}</ol>`, "text/html").body.firstElementChild;
  }

  // Cards ------------------------------------------------------------------------

  const sources = new WeakMap(); // what the server drew, to tell whether it is another one now
  const remember = (card) => sources.set(card, card.outerHTML.trim());
  board.querySelectorAll("[data-deal]").forEach(remember);

  function fresh(html) {
    const card = document.adoptNode(parsed(html).firstElementChild);
    remember(card);
    return card;
  }

  /** The card in the place of an older one; who had the focus keeps it. */
  function replace(old, card) {
    const focused = old.contains(document.activeElement) ? (document.activeElement.matches("[data-move-to]") ? "[data-move-to]" : "[data-open]") : "";
    old.replaceWith(card);
    if (focused) card.querySelector(focused)?.focus({ preventScroll: true });
    return card;
  }

  function flash(card) {
    if (calm) card.classList.add("is-fresh");
    else requestAnimationFrame(() => card.classList.add("is-fresh"));
    setTimeout(() => card.classList.remove("is-fresh"), 1800);
  }

  // Moving -----------------------------------------------------------------------

  let moves = 0; // what was asked before one of them is old

  async function post(body) {
    let answer;
    moves += 1;
    try {
      answer = await fetch(`${href}/move${board.dataset.query}`, {
        method: "POST", body: JSON.stringify(body),
        headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": csrf },
      });
    } catch {
      return { status: 0, said: { message: words.lost } };
    }
    if (answer.redirected) return { status: 401, said: { message: words.out } }; // to the login
    return { status: answer.status, said: await answer.json().catch(() => ({ message: words.refused })) };
  }

  const refusal = (said) => Object.values(said.errors || {}).flat().join(" ") || said.message || words.refused;

  /** Say why; where the page itself is out of date, with the way out. */
  function refuse({ status, said }) {
    const stale = [400, 401, 404].includes(status);
    toast(refusal(said), "red", stale ? { label: words.reload, run: () => location.reload() } : null);
  }

  let sending = 0;

  /** Send where a card is now; `origin` is where it was. Gives whether it stays there. */
  async function send(card, origin, focus = false) {
    const now = at(card);
    if (now.stage === origin.stage && now.above === origin.above && now.below === origin.below) return true;
    const body = {
      deal: card.dataset.deal, stage: now.stage, seen: card.dataset.seen,
      above: now.above, below: now.above ? "" : now.below, // the one above says it all
    };
    card.classList.add("is-sending");
    sending += 1;
    const asks = now.stage !== origin.stage && "asks" in columnOf(card).dataset;
    let result = asks ? await shared.question(body) : await post(body);
    if (result?.status === 422 && !asks && result.said.errors && !result.told) result = await shared.question(body);
    sending -= 1;
    card.classList.remove("is-sending");
    const here = cardOf(card.dataset.deal) || card;
    if (result?.status === 200) {
      const { said } = result;
      const drawn = said.card ? replace(here, fresh(said.card)) : (here.remove(), null);
      if (focus) focusNear(drawn, origin);
      if (said.moved) offerUndo(said, origin);
      else if (!drawn) toast(said.said);
      tell(said.said);
      refresh();
      return true;
    }
    putBack(here, origin);
    if (focus) linkOf(here).focus();
    if (!result) {
      tell(fill(words.back, { title: titleOf(here) }));
    } else {
      refuse(result);
      tell(`${refusal(result.said)} ${fill(words.back, { title: titleOf(here) })}`);
      if (result.status >= 400) refresh();
    }
    return false;
  }

  /** On the card; where the filters do not show it any more, beside its old place. */
  function focusNear(card, origin) {
    const near = card || cardOf(origin.below) || cardOf(origin.above);
    (near ? linkOf(near) : board.querySelector("[data-lanes]")).focus({ preventScroll: true });
  }

  function offerUndo(said, origin) {
    toast(said.said, "green", {
      label: word("undo"),
      run: async () => {
        sending += 1;
        const body = { deal: said.id, stage: said.stage, seen: said.seen, values: said.undo };
        const { status, said: undone } = await post({ ...body, above: origin.above, below: origin.above ? "" : origin.below });
        sending -= 1;
        refresh();
        if (status !== 200) return refuse({ status, said: status ? undone : { message: word("failed_save") } });
        const old = cardOf(said.id);
        if (undone.card) {
          const card = old ? replace(old, fresh(undone.card)) : fresh(undone.card);
          putBack(card, origin);
          linkOf(card).focus({ preventScroll: true });
          flash(card);
        }
        toast(words.undone);
        tell(words.undone);
      },
    });
  }

  // What the other scripts of the board share: board_question.js asks what a stage needs, board_hands.js moves cards,
  // board_live.js asks for what is new.
  const shared = {
    board, words, fill, tell, lanes, cards, cardOf, columnOf, linkOf, titleOf, neighbour, at, putBack, parsed, remember,
    sources, fresh, replace, flash, calm, movable, post, send,
    working: () => Boolean(sending || shared.inHand()),
    moves: () => moves,
    question: async () => null,
    inHand: () => false,
    carrying: () => false,
    justDropped: () => false,
    sortable() {},
    refresh() {},
    settle() {},
  };
  function refresh() {
    shared.refresh();
  }
  window.indexus.board = shared;
})();
