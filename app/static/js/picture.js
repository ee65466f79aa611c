// Saves a drawn chart as a PNG, with what a reader needs when it stands alone: title, what it is about, names of colours.
(() => {
  const { make } = window.indexus;
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const edge = 16;

  /** Pieces laid in rows that are no wider than `room`; each is { text, colour? } and gets its place. */
  function laid(pen, pieces, room, gap) {
    let left = 0;
    let row = 0;
    for (const piece of pieces) {
      const wide = pen.measureText(piece.text).width + (piece.colour ? 24 : 0);
      if (left && left + wide > room) {
        left = 0;
        row += 1;
      }
      Object.assign(piece, { left, row });
      left += wide + gap;
    }
    return pieces.length ? row + 1 : 0;
  }

  const words = (text) => text.split(/\s+/).filter(Boolean).map((text) => ({ text }));

  /** `about` are lines of small text, `names` the series: [{ name, colour }]. */
  function save(chart, { title, about = [], names = [] }, file) {
    const drawn = chart.renderToCanvas({ pixelRatio: 2, backgroundColor: token("ground") });
    const canvas = document.createElement("canvas");
    canvas.width = drawn.width;
    let pen = canvas.getContext("2d");
    const small = `22px ${token("font")}`;
    const blocks = [{ font: `600 30px ${token("font")}`, colour: token("text"), high: 40, pieces: words(title), gap: 8 }];
    for (const line of about.filter(Boolean)) {
      blocks.push({ font: small, colour: token("text-3"), high: 30, pieces: words(line), gap: 6 });
    }
    const named = names.map(({ name, colour }) => ({ text: name, colour }));
    blocks.push({ font: small, colour: token("text-2"), high: 32, pieces: named, gap: 24 });
    let top = edge;
    for (const block of blocks) {
      pen.font = block.font;
      block.top = top;
      top += laid(pen, block.pieces, canvas.width - 2 * edge, block.gap) * block.high;
    }
    canvas.height = top + edge + drawn.height;
    pen = canvas.getContext("2d");
    pen.fillStyle = token("ground");
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.textBaseline = "middle";
    for (const block of blocks) {
      pen.font = block.font;
      for (const piece of block.pieces) {
        const middle = block.top + (piece.row + 0.5) * block.high;
        let left = edge + piece.left;
        if (piece.colour) {
          pen.fillStyle = piece.colour;
          pen.fillRect(left, middle - 8, 16, 16);
          left += 24;
        }
        pen.fillStyle = block.colour;
        pen.fillText(piece.text, left, middle);
      }
    }
    pen.drawImage(drawn, 0, top + edge);
    make("a", "", "", { href: canvas.toDataURL("image/png"), download: `${file}.png` }).click();
  }

  Object.assign(window.indexus, { savePicture: save });
})();
