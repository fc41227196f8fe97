extension PageScript {
    /// Any two columns plotted against each other, with one point per head.
    static let scatter = #"""
        const plot = { width: 420, height: 320, left: 56, right: 12, top: 12, bottom: 44, points: [], nearest: null };

        function ticks(low, high, wanted) {
          const rough = (high - low) / wanted || 1;
          const power = 10 ** Math.floor(Math.log10(rough));
          const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough);
          const result = [];
          for (let value = Math.ceil(low / step) * step; value <= high + step * 1e-6; value += step) {
            result.push(Math.abs(value) < step * 1e-6 ? 0 : value);
          }
          return result;
        }
        function scaleOf(low, high, from, to) {
          const margin = (high - low) * 0.04 || 1;
          const [a, b] = [low - margin, high + margin];
          const scale = (value) => from + (value - a) / (b - a) * (to - from);
          scale.ticks = (wanted) => ticks(a, b, wanted);
          return scale;
        }

        function drawScatter() {
          const svg = byId("scatter");
          svg.replaceChildren();
          const [x, y] = [data.columns[state.x], data.columns[state.y]];
          if (!x || !y) return;
          const inside = { right: plot.width - plot.right, bottom: plot.height - plot.bottom };
          const toX = scaleOf(x.least, x.most, plot.left, inside.right);
          const toY = scaleOf(y.least, y.most, inside.bottom, plot.top);
          for (const value of toX.ticks(5)) {
            const at = toX(value);
            svg.append(
              draw("line", { class: value === 0 ? "zero" : "grid", x1: at, x2: at, y1: plot.top, y2: inside.bottom }),
              draw("text", { class: "tick", x: at, y: inside.bottom + 15, "text-anchor": "middle", text: plain(value) }));
          }
          for (const value of toY.ticks(5)) {
            const at = toY(value);
            svg.append(
              draw("line", { class: value === 0 ? "zero" : "grid", x1: plot.left, x2: inside.right, y1: at, y2: at }),
              draw("text", { class: "tick", x: plot.left - 6, y: at + 4, "text-anchor": "end", text: plain(value) }));
          }
          svg.append(
            draw("text", {
              class: "axis", x: (plot.left + inside.right) / 2, y: plot.height - 6, "text-anchor": "middle", text: x.label,
            }),
            draw("text", {
              class: "axis", transform: `translate(12 ${(plot.top + inside.bottom) / 2}) rotate(-90)`,
              "text-anchor": "middle", text: y.label,
            }));
          plot.points = [];
          for (let head = 0; head < count; head++) {
            if (x.values[head] === null || y.values[head] === null) continue;
            const point = { head, x: toX(x.values[head]), y: toY(y.values[head]) };
            plot.points.push(point);
            const kind = data.chosen.includes(head) ? "point chosen" : "point";
            point.circle = draw("circle", { class: kind, cx: point.x.toFixed(1), cy: point.y.toFixed(1), r: 3 });
          }
          // Chosen heads lie over the others.
          const [under, over] = [plot.points.filter((point) => !data.chosen.includes(point.head)), plot.points.filter((point) => data.chosen.includes(point.head))];
          svg.append(...under.concat(over).map((point) => point.circle));
          svg.append(draw("circle", { class: "ring", r: 7 }), draw("circle", { class: "ring hover", r: 6 }));
          svg.setAttribute("aria-label", scatterText(x, y));
          byId("scatter-text").textContent = scatterText(x, y);
          placeRing();
        }

        // Spearman's rank correlation.
        function rankCorrelation(x, y) {
          const heads = plot.points.map((point) => point.head);
          const ranks = (column) => {
            const order = [...heads].sort((a, b) => column.values[a] - column.values[b]);
            const result = new Map();
            for (let start = 0; start < order.length;) {
              let end = start;
              while (end < order.length && column.values[order[end]] === column.values[order[start]]) end++;
              for (let i = start; i < end; i++) result.set(order[i], (start + end - 1) / 2);
              start = end;
            }
            return heads.map((head) => result.get(head));
          };
          const [a, b] = [ranks(x), ranks(y)];
          const mean = (heads.length - 1) / 2;
          let [both, first, second] = [0, 0, 0];
          for (let i = 0; i < heads.length; i++) {
            both += (a[i] - mean) * (b[i] - mean);
            first += (a[i] - mean) ** 2;
            second += (b[i] - mean) ** 2;
          }
          return first > 0 && second > 0 ? both / Math.sqrt(first * second) : null;
        }
        function scatterText(x, y) {
          const r = plot.points.length > 2 ? rankCorrelation(x, y) : null;
          return plot.points.length + " heads" + (r === null ? "" : ", rank correlation " + number(r, true));
        }

        function placeRing() {
          const ring = byId("scatter").querySelector(".ring:not(.hover)");
          const point = plot.points.find((other) => other.head === state.head);
          if (!ring) return;
          ring.setAttribute("visibility", point ? "visible" : "hidden");
          if (point) fill(ring, { cx: point.x, cy: point.y });
        }

        function startScatter() {
          const svg = byId("scatter");
          svg.setAttribute("viewBox", `0 0 ${plot.width} ${plot.height}`);
          const showX = columnSelect("x", "x");
          const showY = columnSelect("y", "y");
          const nearest = (event) => {
            const box = svg.getBoundingClientRect();
            const size = plot.width / box.width;
            const [atX, atY] = [(event.clientX - box.left) * size, (event.clientY - box.top) * size];
            let [best, least] = [null, 400];
            for (const point of plot.points) {
              const distance = (point.x - atX) ** 2 + (point.y - atY) ** 2;
              if (distance < least) [best, least] = [point, distance];
            }
            return best;
          };
          const hover = (point) => {
            const ring = svg.querySelector(".hover");
            if (!ring) return;
            ring.setAttribute("visibility", point ? "visible" : "hidden");
            if (point) fill(ring, { cx: point.x, cy: point.y });
            byId("scatter-detail").textContent = point ? pointText(point.head) : pointText(state.head);
          };
          const pointText = (head) => {
            const [x, y] = [data.columns[state.x], data.columns[state.y]];
            if (!x || !y) return "";
            return "Head " + headName(head) + ": " + x.label + " " + number(x.values[head]) + ", " + y.label + " " + number(y.values[head]);
          };
          svg.addEventListener("pointermove", (event) => hover(nearest(event)));
          svg.addEventListener("pointerleave", () => hover(null));
          svg.addEventListener("click", (event) => {
            const point = nearest(event);
            if (point) choose({ head: point.head });
          });
          // The arrow keys go from point to point, from left to right.
          svg.addEventListener("keydown", (event) => {
            const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
            if (!step || plot.points.length === 0) return;
            event.preventDefault();
            const order = [...plot.points].sort((a, b) => a.x - b.x || a.head - b.head);
            const at = order.findIndex((point) => point.head === state.head);
            const next = order[Math.min(Math.max(at + step, 0), order.length - 1)];
            choose({ head: next.head });
          });
          watch(["x", "y"], () => { drawScatter(); hover(null); });
          watch(["head"], () => { placeRing(); hover(null); });
          return () => { showX(); showY(); drawScatter(); hover(null); };
        }
        """#
}
