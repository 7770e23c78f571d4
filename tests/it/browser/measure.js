// Looks at the page in each frame and writes what is wrong with it, a line each.
addEventListener("load", () => {
  const lines = [];
  const frames = [...document.querySelectorAll("iframe")];
  for (const frame of frames) {
    const { contentWindow: view, contentDocument: page } = frame;
    const width = frame.clientWidth;
    const complain = (words) => lines.push(`${width} px: ${words}`);
    for (const details of page.querySelectorAll("details")) details.open = true;
    const isPaper = view.getComputedStyle(page.querySelector(".skip")).display === "none";

    for (const name of ["main", "body > header", "nav", "footer", "h1"]) {
      const found = [...page.querySelectorAll(name)].filter((element) => element.getClientRects().length > 0);
      if (found.length !== 1 && !(isPaper && name === "nav")) complain(`landmark ${name}: ${found.length}`);
    }
    for (const link of page.querySelectorAll("a, summary")) {
      if (link.tabIndex < 0) complain(`no key reaches ${link.textContent}`);
    }
    const loaded = view.performance.getEntriesByType("resource").map((entry) => entry.name);
    if (loaded.length > 0) complain(`loads ${loaded}`);
    const script = page.createElement("script");
    script.textContent = "window.ran = true";
    page.body.append(script);
    if (view.ran) complain("a script ran");
    script.remove();

    const root = page.documentElement;
    if (root.scrollWidth > width) complain(`overflows: ${root.scrollWidth} px wide`);

    // Every piece of text that is to be seen, with the places where it stands.
    const texts = [];
    const walker = page.createTreeWalker(page.body, view.NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      const words = node.textContent.trim();
      const parent = node.parentElement;
      if (!words || parent.closest("title, desc, .skip, caption")) continue;
      const style = view.getComputedStyle(parent);
      const hidden = parent.closest("thead");
      if (hidden && view.getComputedStyle(hidden).position === "absolute") continue;
      const range = page.createRange();
      range.selectNodeContents(node);
      for (const box of range.getClientRects()) {
        if (box.width < 1 || box.height < 1) continue;
        // Lines may touch with what no letter fills.
        const inset = box.height * 0.16;
        texts.push({ words, node, left: box.left, right: box.right, top: box.top + inset, bottom: box.bottom - inset });
        if (box.right > width + 0.5 || box.left < -0.5) complain(`overflows: ${words}`);
      }
      const ratio = contrast(view, parent, style);
      if (ratio < 4.5) complain(`contrast ${ratio.toFixed(2)}: ${words}`);
    }
    texts.sort((a, b) => a.top - b.top);
    texts.forEach((one, index) => {
      for (let next = index + 1; next < texts.length && texts[next].top < one.bottom - 0.5; next++) {
        const other = texts[next];
        const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
        if (across > 0.5 && one.node !== other.node) complain(`overlaps: ${one.words} | ${other.words}`);
      }
    });
    for (const plot of page.querySelectorAll("svg[role=img]")) {
      if (plot.getBoundingClientRect().width < 40) complain(`a picture without room: ${plot.textContent.slice(0, 40)}`);
    }
  }
  const theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  document.querySelector("#found").textContent = [`looked at ${frames.length} in ${theme}`, ...lines].join("\n");
});

// Contrast of text with the nearest background behind it, as WCAG defines it.
function contrast(view, element, style) {
  const parse = (color) => (color.match(/[\d.]+/g) || []).map(Number);
  const luminance = ([red, green, blue]) => {
    const [r, g, b] = [red, green, blue].map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  let behind = [255, 255, 255];
  for (let at = element; at; at = at.parentElement) {
    const [red, green, blue, opacity = 1] = parse(view.getComputedStyle(at).backgroundColor);
    if (opacity === 1) {
      behind = [red, green, blue];
      break;
    }
  }
  const color = parse(element.closest("svg") ? style.fill : style.color);
  const [light, dark] = [luminance(color), luminance(behind)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}
