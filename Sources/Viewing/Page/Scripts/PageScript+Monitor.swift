extension PageScript {
    /// A monitor's findings about a text, position by position, and a guard's log, prompt by prompt.
    static let monitor = #"""
        function headButtons(heads) {
          return heads.map(([layer, index]) => {
            const name = layer + "." + index;
            if (layer >= data.layers || index >= data.heads) return make("span", { text: name + " " });
            return make("button", {
              type: "button", class: "link", text: name, "aria-label": "head " + name,
              onclick: () => choose({ head: layer * data.heads + index }),
            });
          });
        }

        // A score for each position, the threshold as a line, alarms as marks.
        function drawWatch(log, card) {
          if (log.points.length === 0) {
            card.append(make("p", { text: "No alarm." }));
            return;
          }
          const size = { width: 720, height: 190, left: 46, right: 10, top: 10, bottom: 34 };
          const svg = draw("svg", {
            viewBox: `0 0 ${size.width} ${size.height}`, role: "img", class: "plot",
            "aria-label": log.name + ": " + log.points.length + " positions, " + log.alarms.length + " alarms",
          });
          const values = log.points.map(([, score]) => score).concat(log.threshold === null ? [] : [log.threshold]);
          const positions = log.points.map(([position]) => position);
          const toX = scaleOf(Math.min(...positions), Math.max(...positions), size.left, size.width - size.right);
          const toY = scaleOf(Math.min(0, ...values), Math.max(...values), size.height - size.bottom, size.top);
          for (const value of toX.ticks(8)) {
            svg.append(draw("text", {
              class: "tick", x: toX(value), y: size.height - size.bottom + 15, "text-anchor": "middle", text: plain(value),
            }));
          }
          for (const value of toY.ticks(4)) {
            svg.append(
              draw("line", { class: "grid", x1: size.left, x2: size.width - size.right, y1: toY(value), y2: toY(value) }),
              draw("text", { class: "tick", x: size.left - 6, y: toY(value) + 4, "text-anchor": "end", text: plain(value) }));
          }
          svg.append(draw("text", {
            class: "axis", x: (size.left + size.width) / 2, y: size.height - 3, "text-anchor": "middle", text: "position",
          }));
          if (log.threshold !== null) {
            const y = toY(log.threshold);
            svg.append(
              draw("line", { class: "threshold", x1: size.left, x2: size.width - size.right, y1: y, y2: y }),
              draw("text", { class: "tick", x: size.left + 4, y: y - 4, text: "threshold " + number(log.threshold) }));
          }
          const path = log.points.map(([position, score], index) =>
            (index === 0 ? "M" : "L") + toX(position).toFixed(1) + " " + toY(score).toFixed(1)).join("");
          svg.append(draw("path", { class: "line", d: path }));
          for (const [position, score] of log.alarms) {
            const [x, y] = [toX(position), toY(score)];
            svg.append(draw("path", { class: "alarm", d: `M${x - 5} ${y - 5}L${x + 5} ${y - 5}L${x} ${y + 4}Z` }));
          }
          card.append(make("div", { class: "scroll", tabindex: 0 }, [svg]));
          if (log.pieces) {
            const reach = Math.max(...values.map(Math.abs)) || 1;
            const line = make("p", { class: "tokens", dir: "auto" });
            log.pieces.forEach((token, index) => {
              const span = make("span", { class: "token", text: shown(piece(token)) });
              const point = log.points[index];
              if (point) {
                tint(span, Math.max(point[1], 0) / reach);
                span.title = "position " + point[0] + ": " + number(point[1]);
              }
              line.append(span);
            });
            card.append(line);
          }
          if (log.alarms.length === 0) {
            card.append(make("p", { text: "No alarm." }));
            return;
          }
          const rows = log.alarms.slice(0, 100).map(([position, score, heads, other]) => make("tr", {}, [
            make("td", { class: "right", text: position }), make("td", { class: "right", text: number(score) }),
            make("td", { class: "heads" }, headButtons(heads)), make("td", { text: other }),
          ]));
          card.append(table(
            log.alarms.length > 100 ? "The first 100 of " + log.alarms.length + " alarms" : "Alarms",
            [["position", true], ["score", true], ["heads", false], ["why", false]], rows));
        }

        function table(caption, columns, rows) {
          return make("div", { class: "scroll", tabindex: 0 }, [make("table", {}, [
            make("caption", { text: caption }),
            make("thead", {}, [make("tr", {}, columns.map(([title, right]) =>
              make("th", { scope: "col", class: right ? "right" : null, text: title })))]),
            make("tbody", {}, rows),
          ])]);
        }

        // One bar a day or week, its parts what became of the prompts.
        function drawEvents(log, card) {
          const size = { width: 720, height: 170, left: 40, right: 10, top: 10, bottom: 30 };
          const kinds = ["allowed", "flagged", "refused"];
          const most = Math.max(...log.spans.map((span) => span.counts.reduce((sum, value) => sum + value, 0)));
          const svg = draw("svg", {
            viewBox: `0 0 ${size.width} ${size.height}`, role: "img", class: "plot",
            "aria-label": log.name + ": " + log.spans.map((span) =>
              span.name + " " + kinds.map((kind, index) => span.counts[index] + " " + kind).join(", ")).join("; "),
          });
          const inside = size.width - size.left - size.right;
          const toY = scaleOf(0, most, size.height - size.bottom, size.top);
          const step = inside / log.spans.length;
          for (const value of toY.ticks(3).filter((value) => Number.isInteger(value) && value >= 0)) {
            svg.append(
              draw("line", { class: "grid", x1: size.left, x2: size.width - size.right, y1: toY(value), y2: toY(value) }),
              draw("text", { class: "tick", x: size.left - 6, y: toY(value) + 4, "text-anchor": "end", text: value }));
          }
          log.spans.forEach((span, index) => {
            let below = 0;
            const x = size.left + index * step + step * 0.15;
            kinds.forEach((kind, part) => {
              const value = span.counts[part];
              if (value > 0) {
                svg.append(draw("rect", {
                  class: kind, x, width: Math.min(step * 0.7, 60), y: toY(below + value), height: toY(below) - toY(below + value),
                }, [draw("title", { text: span.name + ": " + value + " " + kind })]));
              }
              below += value;
            });
            if (log.spans.length <= 12 || index % Math.ceil(log.spans.length / 12) === 0) {
              svg.append(draw("text", {
                class: "tick", x: x + Math.min(step * 0.7, 60) / 2, y: size.height - size.bottom + 15, "text-anchor": "middle", text: span.name,
              }));
            }
          });
          const legend = kinds.map((kind) => make("span", { class: "key " + kind, text: kind }));
          card.append(make("div", { class: "scroll", tabindex: 0 }, [svg]), make("p", { class: "legend" }, legend));
          const rows = log.reasons.map(([layer, filter, reason, outcome, times]) => make("tr", {}, [
            make("td", { text: layer }), make("td", { text: filter }), make("td", { text: reason }),
            make("td", { text: outcome }), make("td", { class: "right", text: times }),
          ]));
          if (rows.length > 0) {
            card.append(table(
              "Reasons", [["layer", false], ["filter", false], ["reason", false], ["outcome", false], ["times", true]], rows));
          }
        }

        function startMonitor() {
          const logs = data.logs || [];
          return () => {
            for (const log of logs) {
              const card = make("article", {}, [make("h3", { text: log.name })]);
              if (log.note) card.append(make("p", { class: "dim", text: log.note }));
              if (log.kind === "watch") drawWatch(log, card);
              else drawEvents(log, card);
              byId("logs").append(card);
            }
          };
        }
        """#
}
