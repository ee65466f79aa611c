// What is new is told by one event stream for all pages of this browser; without one the pages ask by the clock.
// Scripts listen on the document for `live:<topic>` and `live:poll`, and ask with `indexus.quietly`.
(() => {
  const name = `indexus-live-${document.currentScript.dataset.user}`;
  const polled = { first: 60_000, longest: 300_000 }; // ms
  const retried = { first: 120_000, longest: 600_000 };
  const missed = 20_000; // a stream tells what happened in the half minute before it began
  const channel = "BroadcastChannel" in window ? new BroadcastChannel(name) : null;
  const spread = (time) => time * (0.75 + Math.random() / 2); // so that not all come back at once

  let live = false; // a stream of this browser is open
  let over = false; // nobody is logged in any more
  const tell = (topic) => document.dispatchEvent(new CustomEvent(`live:${topic}`));

  /** Ask without counting as somebody who is there: it keeps no session alive. */
  window.indexus.quietly = (url, signal) => fetch(url, { headers: { Accept: "application/json", "X-Quiet": "1" }, signal });

  // By the clock ---------------------------------------------------------------

  let wait = polled.first;
  let timer = 0;
  let asked = Date.now();

  function poll() {
    asked = Date.now();
    tell("poll");
  }

  function schedule() {
    clearTimeout(timer);
    if (live || over || document.hidden) return;
    timer = setTimeout(() => {
      poll();
      wait = Math.min(wait * 1.5, polled.longest);
      schedule();
    }, spread(wait));
  }

  function become(state) {
    if (state !== live) wait = polled.first;
    live = state;
    schedule();
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden || live || over) return clearTimeout(timer);
    wait = polled.first;
    if (Date.now() - asked > polled.first) poll();
    schedule();
  });

  // The stream: one page of the browser holds it and passes on what it hears -------

  let source = null;
  let release = null;
  let later = 0;
  let pause = retried.first;
  let heard = 0; // when the stream was last open
  let reason = "";

  function pass(topic) {
    tell(topic);
    channel?.postMessage({ topic });
  }

  function inform(state) {
    become(state);
    channel?.postMessage({ live, over });
  }

  function open() {
    source = new EventSource("/live/");
    source.addEventListener("open", () => {
      const gap = heard && Date.now() - heard > missed;
      heard = 0;
      reason = "";
      pause = retried.first;
      inform(true);
      if (gap) pass("poll");
    });
    source.addEventListener("message", (event) => pass(event.data));
    source.addEventListener("end", (event) => {
      reason = event.data;
      // "session": the browser asks again by itself and learns whether one is still logged in.
      if (reason !== "session") refused();
    });
    source.addEventListener("error", () => {
      if (source?.readyState === EventSource.CLOSED) refused();
      else lost();
    });
  }

  function lost() {
    heard ||= Date.now();
    inform(false);
  }

  function refused() {
    source.close();
    over = reason === "session";
    lost();
    if (over) return;
    later = setTimeout(open, spread(pause));
    pause = Math.min(pause * 2, retried.longest);
  }

  function close() {
    clearTimeout(later);
    source?.close();
    source = null;
    release?.();
    release = null;
  }

  let waiting = null;
  function start() {
    if (!navigator.locks) {
      // Without a secure address no page knows of the others: whichever is looked at has a stream.
      if (!document.hidden) open();
      return;
    }
    waiting = new AbortController();
    const lead = () => {
      open();
      return new Promise((done) => (release = done));
    };
    navigator.locks.request(name, { signal: waiting.signal }, lead).catch(() => {}); // the page was left before
    channel?.postMessage({ ask: true });
  }

  if (!navigator.locks) {
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) close();
      else if (!source) open();
    });
  }
  channel?.addEventListener("message", ({ data }) => {
    if (data.topic) tell(data.topic);
    else if (data.ask && source) channel.postMessage({ live, over });
    else if ("live" in data) {
      over = data.over;
      become(data.live);
    }
  });
  window.addEventListener("pagehide", () => {
    waiting?.abort();
    close();
    live = false;
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    poll();
    start();
    schedule();
  });
  start();
  schedule();
})();
