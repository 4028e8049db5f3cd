// SPDX-License-Identifier: Apache-2.0

/// What the page does beyond lying there; all of it can be read without. Texts are only ever set
/// as text.
enum ReportScript {
    static let text = """
        "use strict";
        const tip = document.createElement("div");
        tip.className = "tip";
        tip.hidden = true;
        document.body.append(tip);
        // Titles become tool tips that come at once.
        for (const title of document.querySelectorAll("svg g > title")) {
          title.parentNode.dataset.tip = title.textContent;
          title.parentNode.setAttribute("aria-label", title.textContent);
          title.remove();
        }
        document.addEventListener("mousemove", (event) => {
          const owner = event.target.closest("[data-tip]");
          tip.hidden = !owner;
          if (!owner) return;
          tip.textContent = owner.dataset.tip;
          const x = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8);
          const below = event.clientY + 18;
          const fits = below + tip.offsetHeight < innerHeight;
          tip.style.left = Math.max(4, x) + "px";
          tip.style.top = (fits ? below : event.clientY - tip.offsetHeight - 10) + "px";
        });
        // A line through all routers at the pointer's moment.
        for (const line of document.querySelectorAll(".timeline")) {
          const svg = line.querySelector("svg");
          const cursor = line.querySelector(".cursor");
          const [from, span] = [Number(svg.dataset.from), Number(svg.dataset.span)];
          const [left, right] = [Number(svg.dataset.left), Number(svg.dataset.right)];
          line.addEventListener("mousemove", (event) => {
            const box = svg.getBoundingClientRect();
            const width = svg.viewBox.baseVal.width;
            const x = ((event.clientX - box.left) / box.width) * width;
            const share = (x - left) / (width - left - right);
            cursor.hidden = share < 0 || share > 1;
            cursor.style.left = event.clientX - box.left + "px";
            const at = from + share * span;
            cursor.dataset.time = span < 2000 ? at.toFixed(1) + " ms" : (at / 1000).toFixed(3) + " s";
          });
          line.addEventListener("mouseleave", () => { cursor.hidden = true; });
        }
        // Paper has no folds.
        addEventListener("beforeprint", () => {
          for (const details of document.querySelectorAll("details.test")) details.open = true;
        });
        // A link to a test opens it.
        const reveal = () => {
          const target = location.hash && document.getElementById(location.hash.slice(1));
          if (target && target.tagName === "DETAILS") target.open = true;
        };
        addEventListener("hashchange", reveal);
        reveal();
        """
}
