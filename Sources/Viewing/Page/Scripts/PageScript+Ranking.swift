extension PageScript {
    /// A table of the heads in the order of the map's column, which gives the information of the pictures in words.
    static let ranking = #"""
        let rankingLength = 12;

        function drawRanking() {
          const column = data.columns[state.column];
          const body = byId("ranking-body");
          body.replaceChildren();
          if (!column) return;
          byId("ranking-column").textContent = column.label;
          const others = data.columns.filter((other) => other.source === column.source && other !== column).slice(0, 3);
          const head = byId("ranking-head");
          while (head.children.length > 3) head.lastChild.remove();
          head.append(...others.map((other) => make("th", { scope: "col", class: "right", text: other.label })));
          column.order.slice(0, rankingLength).forEach((place, rank) => {
            const button = make("button", {
              type: "button", class: "link", text: headName(place), "aria-label": "head " + headName(place),
              onclick: () => choose({ head: place }),
            });
            const row = make("tr", { "data-row": place }, [
              make("td", { class: "right", text: rank + 1 }), make("th", { scope: "row" }, [button]),
              make("td", { class: "right", text: number(column.values[place], column.least < 0) }),
              ...others.map((other) => make("td", { class: "right", text: number(other.values[place], other.least < 0) })),
            ]);
            if (data.chosen.includes(place)) row.classList.add("chosen");
            body.append(row);
          });
          byId("ranking-more").hidden = rankingLength >= column.order.length;
          markRanking();
        }
        function markRanking() {
          for (const row of byId("ranking-body").children) {
            if (+row.dataset.row === state.head) row.setAttribute("aria-current", "true");
            else row.removeAttribute("aria-current");
          }
        }
        function startRanking() {
          byId("ranking-more").addEventListener("click", () => {
            rankingLength = rankingLength < 50 ? 50 : count;
            drawRanking();
          });
          watch(["column"], drawRanking);
          watch(["head"], markRanking);
          return drawRanking;
        }
        """#
}
