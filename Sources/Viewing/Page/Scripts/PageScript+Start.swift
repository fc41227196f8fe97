extension PageScript {
    /// Assembles the parts.
    static let start = #"""
        function defaults() {
          const find = (name, other) => {
            const index = data.columns.findIndex((column) => column.key === name);
            return index < 0 ? other : index;
          };
          const last = Math.max(data.columns.length - 1, 0);
          state.column = find(data.defaults.column, 0);
          state.x = find(data.defaults.x, 0);
          state.y = find(data.defaults.y, Math.min(1, last));
          const column = data.columns[state.column];
          state.head = data.chosen.length > 0 ? data.chosen[0] : column && column.order.length > 0 ? column.order[0] : 0;
          Object.assign(state, recall());
        }

        defaults();
        const parts = data.layers === 0 ? [] : [
          startMap(), startScatter(), startRanking(), startHead(), startTexts(), startAttention(), startWrites(),
        ];
        for (const show of parts.concat(startSteering(), startMonitor())) show();
        window.addEventListener("hashchange", () => choose(recall()));
        document.documentElement.dataset.ready = "true";
        """#
}
