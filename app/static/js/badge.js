// Numbers in the top bar that follow what happens: asked for again when their topic is heard of.
(() => {
  for (const badge of document.querySelectorAll("[data-badge]")) {
    const topic = badge.dataset.badge;
    const many = Number(badge.dataset.many);
    const text = badge.querySelector("[data-badge-text]");
    let asked = 0;

    function show(number) {
      text.hidden = number === 0;
      text.querySelector("[data-badge-number]").textContent = number < many ? number : `${many - 1}+`;
    }

    async function ask() {
      const mine = ++asked;
      const answer = await window.indexus.quietly(badge.dataset.href).catch(() => null);
      if (!answer?.ok || answer.redirected) return;
      const { unread } = await answer.json();
      if (mine === asked) show(unread);
    }

    document.addEventListener(`live:${topic}`, ask);
    document.addEventListener("live:poll", ask);
    document.addEventListener(`badge:${topic}`, (event) => {
      asked += 1;
      show(event.detail);
    });
  }
})();
