extension PageScript {
    /// The map of heads: one cell per head, with layers from left to right.
    static let map = #"""
        const cells = [];
        let focused = 0;

        function buildMap() {
          const table = byId("map");
          table.style.setProperty("--layers", data.layers);
          const head = make("tr", {}, [make("td", { "aria-hidden": "true" })]);
          const step = data.layers <= 16 ? 1 : 4;
          for (let layer = 0; layer < data.layers; layer++) {
            head.append(make("th", { scope: "col", "aria-label": "layer " + layer, text: layer % step === 0 ? layer : "" }));
          }
          table.append(make("thead", {}, [head]));
          const body = make("tbody");
          for (let index = 0; index < data.heads; index++) {
            const label = data.heads <= 16 || index % 4 === 0 ? index : "";
            const row = make("tr", {}, [make("th", { scope: "row", "aria-label": "head " + index, text: label })]);
            for (let layer = 0; layer < data.layers; layer++) {
              const place = layer * data.heads + index;
              const cell = make("td", { role: "gridcell", tabindex: -1, "data-head": place });
              if (data.chosen.includes(place)) cell.classList.add("chosen");
              cells[place] = cell;
              row.append(cell);
            }
            body.append(row);
          }
          table.append(body);
          const target = (event) => event.target.closest("[data-head]");
          const tell = (event) => {
            const cell = target(event);
            if (cell) byId("map-detail").textContent = describe(+cell.dataset.head);
          };
          table.addEventListener("pointerover", tell);
          table.addEventListener("focusin", tell);
          table.addEventListener("pointerleave", () => { byId("map-detail").textContent = describe(state.head); });
          table.addEventListener("click", (event) => {
            const cell = target(event);
            if (cell) choose({ head: +cell.dataset.head });
          });
          table.addEventListener("keydown", (event) => {
            const [layer, index] = [Math.floor(focused / data.heads), focused % data.heads];
            const moves = {
              ArrowLeft: [layer - 1, index], ArrowRight: [layer + 1, index],
              ArrowUp: [layer, index - 1], ArrowDown: [layer, index + 1],
              Home: [0, index], End: [data.layers - 1, index], PageUp: [layer, 0], PageDown: [layer, data.heads - 1],
            };
            if (event.key === "Enter" || event.key === " ") choose({ head: focused });
            else if (moves[event.key]) {
              const [toLayer, toIndex] = moves[event.key];
              if (toLayer >= 0 && toLayer < data.layers && toIndex >= 0 && toIndex < data.heads) {
                moveFocus(toLayer * data.heads + toIndex);
                cells[focused].focus();
              }
            } else return;
            event.preventDefault();
          });
        }

        // One cell of the map is in the order of the Tab key; the arrow keys move it.
        function moveFocus(head) {
          cells[focused].tabIndex = -1;
          focused = head;
          cells[focused].tabIndex = 0;
        }

        function colourMap() {
          const column = data.columns[state.column];
          cells.forEach((cell, head) => {
            if (column) tint(cell, share(column, head));
            cell.classList.toggle("masked", state.onlySignificant && column && !isSignificant(column, head));
            cell.setAttribute("aria-label", describe(head));
          });
          byId("map-detail").textContent = describe(state.head);
          byId("map-note").textContent = column ? column.note : "";
          byId("only-significant-label").hidden = !column || !testOf(column);
          drawScale(column);
        }

        function drawScale(column) {
          const scale = byId("map-scale");
          scale.replaceChildren();
          if (!column) return;
          const isDiverging = !column.ascending && column.least < column.middle;
          const steps = isDiverging ? [-1, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 1] : [0, 0.25, 0.5, 0.75, 1];
          const [low, high] = column.ascending ? [column.most, column.least]
            : [isDiverging ? column.middle - column.reach : column.middle, column.middle + column.reach];
          const bar = make("span", { class: "bar", "aria-hidden": "true" });
          for (const step of steps) {
            const box = make("span", { class: "cell" });
            tint(box, step);
            bar.append(box);
          }
          const signed = column.least < 0;
          scale.append(
            make("span", { text: number(low, signed) }), bar,
            make("span", { text: number(high, signed) }));
        }

        function markSelection() {
          for (const cell of cells) cell.removeAttribute("aria-selected");
          cells[state.head].setAttribute("aria-selected", "true");
          moveFocus(state.head);
          byId("map-detail").textContent = describe(state.head);
        }

        function startMap() {
          buildMap();
          const show = columnSelect("column", "column");
          const box = byId("only-significant");
          box.addEventListener("change", () => choose({ onlySignificant: box.checked }));
          watch(["column", "onlySignificant"], colourMap);
          watch(["head"], markSelection);
          return () => { show(); colourMap(); markSelection(); };
        }
        """#
}
