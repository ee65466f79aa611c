"""What is measured on a page as a phone shows it."""

from __future__ import annotations

PHONE = {"width": 390, "height": 844}
# What is visible, ends right of the screen, and is not inside something that scrolls by itself.
STICKING_OUT = """() => {
    const width = document.documentElement.clientWidth;
    const scrolls = (element) => /auto|scroll|hidden|clip/.test(getComputedStyle(element).overflowX);
    const inside = (element) => {
        for (let up = element.parentElement; up && up !== document.body; up = up.parentElement) {
            if (scrolls(up) && up.id !== "content") return true;
        }
        return false;
    };
    const wide = [...document.querySelectorAll(".main *, .bare-main *")].filter((element) => {
        const box = element.getBoundingClientRect();
        return element.checkVisibility() && box.width > 1 && box.right > width + 1 && !inside(element);
    });
    const found = wide.map((element) => element.outerHTML.slice(0, 160));
    if (document.documentElement.scrollWidth > width) found.push(`the page is ${document.documentElement.scrollWidth} wide`);
    return found;
}"""
# What a finger would miss on a phone. A link in a text is as high as its line, a box is
# chosen by its label, and a tick alone has its room laid around it.
SMALL = """() => {
    const targets = "button, summary, select, input:not([type=hidden], [type=color]), textarea, a.button, a[role], [role=option], nav a";
    const found = [...document.querySelectorAll(targets)].filter((one) => {
        if (!one.checkVisibility({ opacityProperty: true, visibilityProperty: true }) || one.disabled) return false;
        if (one.matches("[aria-hidden=true], .crumbs a") || one.closest(".ts-control, .tomselected")) return false;
        const box = (one.matches("input") && one.closest("label") || one).getBoundingClientRect();
        const around = getComputedStyle(one, "::after");
        const room = around.position === "absolute" && one.matches("input") ? -2 * parseFloat(around.top) : 0;
        return box.width > 1 && box.height > 1 && box.height + room < 39.5;
    });
    return found.map((one) => one.outerHTML.replace(/\\s+/g, " ").slice(0, 160));
}"""
