/** Filter and sort of the page's table. Runs in the reader's browser. */
export const SCRIPT = `
(() => {
  const body = document.querySelector("#fleet tbody");
  if (!body) return;
  const rows = [...body.rows];
  const text = document.querySelector("#filter"), status = document.querySelector("#status"), count = document.querySelector("#count"), none = document.querySelector("#none");
  const show = () => {
    const words = text.value.toLowerCase().split(/\\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const fits = (status.value === "" || row.dataset.status.split(" ").includes(status.value)) && words.every((word) => row.dataset.text.includes(word));
      row.hidden = !fits;
      if (fits) shown += 1;
    }
    count.textContent = shown === rows.length ? rows.length + " snapshots" : shown + " of " + rows.length + " snapshots";
    none.hidden = shown > 0;
  };
  text.addEventListener("input", show);
  status.addEventListener("change", show);
  for (const head of document.querySelectorAll("#fleet th")) {
    head.querySelector("button").addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of document.querySelectorAll("#fleet th")) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const at = head.cellIndex, numeric = head.dataset.kind === "number";
      const key = (row) => row.cells[at].dataset.key ?? row.cells[at].textContent;
      // What has no value comes last, both ways.
      rows.sort((a, b) => {
        const [x, y] = [key(a), key(b)];
        if (x === "" || y === "") return (x === "") - (y === "");
        return (numeric ? Number(x) - Number(y) : x.localeCompare(y)) * (down ? -1 : 1);
      });
      body.append(...rows);
    });
  }
  show();
})();
`;
