extension PageScript {
    /// The measured columns: selection, colours, ranks and significance.
    static let columns = #"""
        for (const column of data.columns) {
          const known = column.values.filter((value) => value !== null);
          column.least = known.length ? Math.min(...known) : 0;
          column.most = known.length ? Math.max(...known) : 0;
          // Values of both signs are coloured from zero; areas from one half, where a detector says nothing; where small values
          // are the remarkable ones, from the largest down.
          const middle = column.ascending ? column.most
            : column.centre === undefined ? (column.least < 0 ? 0 : column.least) : column.centre;
          column.middle = middle;
          column.reach = Math.max(column.most - middle, middle - column.least) || 1;
          column.order = [...column.values.keys()].filter((head) => column.values[head] !== null)
            .sort((a, b) => (column.ascending ? -1 : 1) * (column.values[b] - column.values[a]) || a - b);
          column.rank = new Map(column.order.map((head, rank) => [head, rank + 1]));
        }

        // From −1 to 1.
        const share = (column, head) => {
          const value = column.values[head];
          if (value === null) return null;
          return (column.ascending ? column.middle - value : value - column.middle) / column.reach;
        };
        function tint(node, value) {
          node.classList.toggle("negative", value !== null && value < 0);
          node.classList.toggle("unknown", value === null);
          node.style.setProperty("--t", value === null ? 0 : Math.min(Math.abs(value), 1).toFixed(3));
        }
        // The q values that tell whether a column's value is more than chance: those of the same file.
        const testOf = (column) => data.columns.find((other) => other.source === column.source && other.test) || null;
        const isSignificant = (column, head) => {
          const test = testOf(column);
          return !test || (test.values[head] !== null && test.values[head] <= 0.05);
        };

        function columnSelect(id, key) {
          const select = byId(id);
          let group = null;
          data.columns.forEach((column, index) => {
            if (!group || group.label !== column.source) {
              group = make("optgroup", { label: column.source });
              select.append(group);
            }
            group.append(make("option", { value: index, text: column.label }));
          });
          const show = () => { select.value = state[key]; };
          select.addEventListener("change", () => choose({ [key]: +select.value }));
          watch([key], show);
          return show;
        }

        function describe(head) {
          const column = data.columns[state.column];
          const chosen = data.chosen.includes(head) ? ", in the plan" : "";
          if (!column) return "Head " + headName(head) + chosen;
          const value = column.label + " " + number(column.values[head], column.least < 0);
          const rank = column.rank.has(head) ? ", rank " + column.rank.get(head) + " of " + column.order.length : "";
          const doubt = isSignificant(column, head) ? "" : ", not significant";
          return "Head " + headName(head) + ": " + value + rank + doubt + chosen;
        }
        """#
}
