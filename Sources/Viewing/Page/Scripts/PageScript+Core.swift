extension PageScript {
    /// What all parts of the page share: the data, elements, numbers and the current selection.
    static let core = #"""
        const data = JSON.parse(document.getElementById("data").textContent);
        const count = data.layers * data.heads;
        const byId = (id) => document.getElementById(id);
        const headName = (head) => Math.floor(head / data.heads) + "." + (head % data.heads);

        // Elements are made by calls and texts set as text: what a model wrote is never taken for markup.
        function fill(node, attributes, children) {
          for (const [name, value] of Object.entries(attributes || {})) {
            if (value === null || value === undefined || value === false) continue;
            if (name === "text") node.textContent = value;
            else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
            else if (name.startsWith("--")) node.style.setProperty(name, value);
            else node.setAttribute(name, value === true ? "" : value);
          }
          node.append(...(children || []).filter((child) => child !== null));
          return node;
        }
        const make = (tag, attributes, children) => fill(document.createElement(tag), attributes, children);
        const draw = (tag, attributes, children) =>
          fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

        function number(value, signed) {
          if (value === null || value === undefined || Number.isNaN(value)) return "no value";
          const size = Math.abs(value);
          let text;
          if (size === 0) text = "0";
          else if (size >= 1e5 || size < 1e-3) text = size.toExponential(1);
          else text = size.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
          return (value < 0 ? "−" : signed && value > 0 ? "+" : "") + text;
        }
        // A number of an axis, without zeros that say nothing.
        const plain = (value) => (value < 0 ? "−" : "") + Math.abs(+value.toPrecision(4));
        const percent = (share) => Math.round(share * 100) + " %";

        function bytes(base64) {
          const text = atob(base64);
          const result = new Uint8Array(text.length);
          for (let i = 0; i < text.length; i++) result[i] = text.charCodeAt(i);
          return result;
        }

        const piece = (index) => data.pieces[index];
        // Line breaks and tabs are shown, and a token of spaces alone is wide enough to be seen.
        const shown = (text) => text.replace(/\n/g, "⏎").replace(/\t/g, "⇥");

        // MARK: What is chosen. Parts register what they redraw when one of these changes.
        const state = { head: 0, column: 0, x: 0, y: 0, onlySignificant: false, numbers: false };
        const watchers = [];
        const watch = (keys, redraw) => watchers.push({ keys, redraw });
        function choose(changes) {
          const changed = Object.keys(changes).filter((key) => state[key] !== changes[key]);
          if (changed.length === 0) return;
          Object.assign(state, changes);
          for (const { keys, redraw } of watchers) if (keys.some((key) => changed.includes(key))) redraw();
          remember();
        }

        // The address keeps what is chosen, so that a link leads there.
        function remember() {
          const parts = ["head=" + headName(state.head)];
          if (data.columns.length > 0) {
            for (const key of ["column", "x", "y"]) {
              parts.push(key + "=" + encodeURIComponent(data.columns[state[key]].key));
            }
          }
          try {
            history.replaceState(null, "", "#" + parts.join("&"));
          } catch (error) {
            // Pages shown inside of others may have no address of their own.
          }
        }
        function recall() {
          const parts = new URLSearchParams(location.hash.slice(1));
          const changes = {};
          const match = /^(\d+)\.(\d+)$/.exec(parts.get("head") || "");
          if (match && +match[1] < data.layers && +match[2] < data.heads) changes.head = +match[1] * data.heads + +match[2];
          for (const key of ["column", "x", "y"]) {
            const index = data.columns.findIndex((column) => column.key === parts.get(key));
            if (index >= 0) changes[key] = index;
          }
          return changes;
        }
        """#
}
