// The calendar: a task is moved to another day by the mouse or by the keys; what is refused goes back.
(() => {
  const { toast, typing, send, openTask } = window.indexus;
  const calendar = document.querySelector("[data-calendar]");
  const form = document.getElementById("move-form");
  const live = document.querySelector("[data-live]");
  let moving = null;

  /** Where another day of what is shown is sent to: of tasks, unless the calendar says otherwise. */
  const addressOf = (task) => (calendar.dataset.moveHref || "/work/tasks/*/due").replace("*", task.dataset.task);
  const dayOf = (element) => element.closest("[data-day]");

  /** Put a task among those of a day, by its time. */
  function place(task, day) {
    const list = day.querySelector("ul");
    const item = task.parentElement;
    const later = [...list.children].find((other) => other !== item && other.firstElementChild.dataset.due > task.dataset.due);
    list.insertBefore(item, later || null);
    day.classList.remove("is-none");
  }

  async function move(task, date) {
    const before = dayOf(task);
    const day = calendar.querySelector(`[data-day="${date}"]`);
    if (before.dataset.day === date || task.dataset.sending) return;
    const due = task.dataset.due;
    task.dataset.sending = "1";
    if (day) {
      task.dataset.due = `${date}${due.slice(10)}`;
      place(task, day);
      task.focus();
    }
    form.action = addressOf(task);
    form.elements.day.value = date;
    try {
      const said = await send(form);
      task.dataset.due = said.due;
      live.textContent = `${task.dataset.title}: ${said.said}`;
      toast(said.said);
      if (!day) location.reload();
    } catch (refused) {
      task.dataset.due = due;
      place(task, before);
      task.focus();
      toast(refused.message, "red");
    } finally {
      delete task.dataset.sending;
    }
  }

  calendar.addEventListener("dragstart", (event) => {
    moving = event.target.closest("[data-movable]");
    if (!moving) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", moving.dataset.title);
    moving.classList.add("is-moving");
  });
  const leave = () => calendar.querySelectorAll(".is-over").forEach((day) => day.classList.remove("is-over"));
  calendar.addEventListener("dragover", (event) => {
    const day = moving && dayOf(event.target);
    if (!day) return;
    event.preventDefault();
    if (!day.classList.contains("is-over")) leave();
    day.classList.add("is-over");
  });
  calendar.addEventListener("drop", (event) => {
    const day = moving && dayOf(event.target);
    if (!day) return;
    event.preventDefault();
    move(moving, day.dataset.day);
  });
  calendar.addEventListener("dragend", () => {
    moving?.classList.remove("is-moving");
    moving = null;
    leave();
  });

  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
  calendar.addEventListener("keydown", (event) => {
    const task = event.target.closest("[data-movable]");
    if (!task) return;
    if (event.altKey && steps[event.key]) {
      event.preventDefault();
      event.stopPropagation();
      const date = new Date(`${dayOf(task).dataset.day}T12:00:00Z`);
      date.setUTCDate(date.getUTCDate() + steps[event.key]);
      move(task, date.toISOString().slice(0, 10));
    } else if (document.getElementById("dialog-due") && event.key.toLowerCase() === "d" && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      const { task: key, title, due } = task.dataset;
      openTask({ dataset: { act: "due", href: `/work/tasks/${key}/due`, title, due, task: key }, closest: () => null });
    }
  });

  // T is today; the arrows turn the page.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || typing(event)) return;
    const link = document.querySelector(`.calendar-bar [data-key="${CSS.escape(event.key)}"]`);
    if (link) location.assign(link.href);
  });
})();
