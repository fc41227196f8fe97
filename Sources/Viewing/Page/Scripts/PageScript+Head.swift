extension PageScript {
    /// One head: its name, and its value in every column.
    static let head = #"""
        // The head before or after this one in the order of the map's column.
        function neighbour(step) {
          const column = data.columns[state.column];
          if (!column || !column.rank.has(state.head)) return (state.head + step + count) % count;
          const order = column.order;
          return order[(column.rank.get(state.head) - 1 + step + order.length) % order.length];
        }

        function drawHead() {
          const [layer, index] = [Math.floor(state.head / data.heads), state.head % data.heads];
          byId("head-title").textContent = "Head " + headName(state.head);
          byId("head-layer").value = layer;
          byId("head-index").value = index;
          const plan = data.chosen.includes(state.head) ? " It is edited by the plan." : "";
          byId("head-place").textContent = "Layer " + layer + " of " + data.layers + ", query head " + index + " of " + data.heads + "." + plan;
          const body = byId("head-values");
          body.replaceChildren();
          let source = null;
          for (const column of data.columns) {
            if (column.source !== source) {
              source = column.source;
              body.append(make("tr", {}, [make("th", { colspan: 3, scope: "rowgroup", class: "source", text: source })]));
            }
            const rank = column.rank.get(state.head);
            body.append(make("tr", {}, [
              make("th", { scope: "row", title: column.note || null, text: column.label }),
              make("td", { class: "right", text: number(column.values[state.head], column.least < 0) }),
              make("td", { class: "dim", text: rank ? "rank " + rank + " of " + column.order.length : "" }),
            ]));
          }
        }

        function startHead() {
          const choices = (id, total) => {
            const select = byId(id);
            for (let i = 0; i < total; i++) select.append(make("option", { value: i, text: i }));
            select.addEventListener("change", () => {
              choose({ head: +byId("head-layer").value * data.heads + +byId("head-index").value });
            });
          };
          choices("head-layer", data.layers);
          choices("head-index", data.heads);
          byId("head-before").addEventListener("click", () => choose({ head: neighbour(-1) }));
          byId("head-after").addEventListener("click", () => choose({ head: neighbour(1) }));
          watch(["head"], () => {
            drawHead();
            byId("announcer").textContent = describe(state.head);
          });
          return drawHead;
        }
        """#
}
