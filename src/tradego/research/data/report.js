"use strict";
(() => {
  const make = (name, props = {}, ...children) => {
    const node = Object.assign(document.createElement(name), props);
    node.append(...children);
    return node;
  };
  const DASH = "–";
  const grouped = new Map();
  const plain = (value, places = 2, signed = false) => {
    if (value === null || !Number.isFinite(value)) return DASH;
    const key = places;
    if (!grouped.has(key)) {
      const digits = { minimumFractionDigits: places, maximumFractionDigits: places };
      grouped.set(key, new Intl.NumberFormat("en-IN", digits));
    }
    const text = grouped.get(key).format(Math.abs(value));
    if (!/[1-9]/.test(text)) return text;
    return (value < 0 ? "−" : signed ? "+" : "") + text;
  };
  const money = (value) => make("b", { className: value > 0 ? "up" : value < 0 ? "down" : "", textContent: plain(value, 2, true) });
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const indian = (seconds) => new Date((seconds + 19800) * 1000);
  const two = (n) => String(n).padStart(2, "0");
  const moment = (seconds) => {
    const at = indian(seconds);
    return `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]} ${at.getUTCFullYear()} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
  };
  const age = (seconds) => {
    if (seconds < 60) return `${seconds} s`;
    const minutes = Math.floor(seconds / 60);
    if (minutes < 60) return `${minutes} min`;
    const hours = Math.floor(minutes / 60);
    if (hours < 24) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
    const days = Math.floor(hours / 24);
    return days === 1 ? "1 day" : `${days} days`;
  };

  /* The equity curve tells its values under the pointer. */
  const curve = document.querySelector(".curve");
  const points = document.getElementById("curve-data");
  if (curve && points) {
    const { time, equity, fall } = JSON.parse(points.textContent);
    const plot = curve.querySelector(".equity");
    const says = curve.querySelector("output");
    const cursor = make("div", { className: "cursor", hidden: true });
    curve.append(cursor);
    curve.addEventListener("pointermove", (event) => {
      const box = plot.getBoundingClientRect();
      const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
      const at = Math.round(share * (time.length - 1));
      cursor.hidden = false;
      cursor.style.left = `${(time.length > 1 ? at / (time.length - 1) : 0) * box.width}px`;
      says.textContent = `${moment(time[at]).slice(0, -6)}  ₹${plain(equity[at])}  ${plain(fall[at])}\u202f% from the peak`;
    });
    curve.addEventListener("pointerleave", () => { cursor.hidden = true; says.textContent = ""; });
  }

  /* The list of trades: filtered, sorted, a page at a time. */
  const source = document.getElementById("trades-data");
  if (!source) return;
  const book = JSON.parse(source.textContent);
  const NAMES = ["id", "symbol", "strategy", "swing", "short", "quantity", "from", "entry", "to", "exit", "out", "rule", "gross", "charges", "net", "percent", "r", "mae", "mfe", "stop", "target", "confidence", "reward", "conditions"];
  const trades = book.trades.map((row) => {
    const trade = Object.fromEntries(NAMES.map((name, i) => [name, row[i]]));
    trade.names = book.conditions[trade.strategy] || [];
    trade.symbol = book.symbols[trade.symbol];
    trade.strategy = book.strategies[trade.strategy];
    trade.out = book.ways_out[trade.out];
    trade.quantity = Number(trade.quantity);
    trade.held = trade.to - trade.from;
    return trade;
  });
  const places = (value) => (Number.isInteger(value) ? 0 : 2);
  const COLUMNS = [
    ["Symbol", "", (t) => t.symbol, (t) => make("button", { type: "button", textContent: t.symbol })],
    ["Closed", "", (t) => t.to, (t) => moment(t.to)],
    ["Strategy", "spare", (t) => t.strategy, (t) => t.strategy],
    ["Product", "spare", (t) => t.swing, (t) => (t.swing ? "Delivery" : "Intraday")],
    ["Quantity", "n spare", (t) => t.quantity, (t) => `${t.short ? "Short" : "Long"} ${plain(t.quantity, places(t.quantity))}`],
    ["Entry", "n spare", (t) => t.entry, (t) => plain(t.entry)],
    ["Exit", "n spare", (t) => t.exit, (t) => plain(t.exit)],
    ["Way out", "spare", (t) => t.out, (t) => t.out],
    ["Held", "n spare", (t) => t.held, (t) => age(t.held)],
    ["Charges", "n spare", (t) => t.charges, (t) => plain(t.charges)],
    ["R", "n", (t) => t.r, (t) => plain(t.r, 2, true)],
    ["Net", "n", (t) => t.net, (t) => money(t.net)],
  ];
  const [filters, frame, pages] = ["filters", "wide", "pages"].map((name) => document.querySelector(`#trades .${name}`));
  const state = { sort: 1, down: true, page: 0, shown: trades };
  const PAGE = 50;

  const choice = (label, options) => {
    const select = make("select", { ariaLabel: label });
    select.append(make("option", { value: "", textContent: `${label}: all` }));
    for (const option of options) select.append(make("option", { value: option, textContent: option }));
    select.addEventListener("change", refresh);
    return select;
  };
  const symbol = make("input", { type: "search", placeholder: "Symbol", ariaLabel: "Symbol" });
  symbol.addEventListener("input", refresh);
  const strategy = choice("Strategy", book.strategies);
  const product = choice("Product", ["Intraday", "Delivery"]);
  const outcome = choice("Outcome", ["Winners", "Losers", "Breakeven"]);
  const way = choice("Way out", book.ways_out);
  const says = make("output");
  filters.append(symbol, strategy, product, outcome, way, says);

  const passes = (t) =>
    t.symbol.toLowerCase().includes(symbol.value.trim().toLowerCase()) &&
    (!strategy.value || t.strategy === strategy.value) &&
    (!product.value || t.swing === (product.value === "Delivery")) &&
    (!way.value || t.out === way.value) &&
    (!outcome.value || Math.sign(t.net) === { Winners: 1, Losers: -1, Breakeven: 0 }[outcome.value]);

  function refresh() {
    const value = COLUMNS[state.sort][2];
    const order = (a, b) => {
      const [x, y] = [value(a), value(b)];
      if (x === null || y === null) return (x === null) - (y === null);
      const way = x < y ? -1 : x > y ? 1 : 0;
      return state.down ? -way : way;
    };
    state.shown = trades.filter(passes).sort(order);
    state.page = 0;
    const net = state.shown.reduce((sum, t) => sum + t.net, 0);
    says.replaceChildren(`${plain(state.shown.length, 0)} of ${plain(trades.length, 0)} trades, net `, money(net));
    draw();
  }

  const detail = (t) => {
    const pairs = [
      ["Trade", t.id], ["In", moment(t.from)], ["Out", moment(t.to)], ["Exit rule", t.rule || DASH],
      ["First stop", plain(t.stop)], ["Target", plain(t.target)],
      ["Gross", plain(t.gross, 2, true)], ["Charges", plain(-t.charges)], ["Of capital used", `${plain(t.percent, 2, true)}\u202f%`],
      ["Worst moment", plain(t.mae)], ["Best moment", plain(t.mfe)],
      ["Confidence", plain(t.confidence)], ["Reward to risk, net", plain(t.reward)],
    ];
    t.names.forEach((name, i) => {
      const [left, right] = t.conditions.slice(2 * i, 2 * i + 2);
      if (right !== undefined) pairs.push([name, `${left} against ${right}`]);
    });
    const list = pairs.map(([name, value]) => make("div", {}, make("dt", { textContent: name }), make("dd", { textContent: value })));
    return make("tr", { className: "more" }, make("td", { colSpan: COLUMNS.length }, make("dl", {}, ...list)));
  };

  function row(t) {
    const line = make("tr", { className: "row" });
    COLUMNS.forEach(([, css, , shown], i) => line.append(make(i ? "td" : "th", { className: css, scope: i ? undefined : "row" }, shown(t))));
    line.addEventListener("click", () => {
      const next = line.nextSibling;
      if (next && next.className === "more") next.remove();
      else line.after(detail(t));
    });
    return line;
  }

  function draw() {
    const heads = COLUMNS.map(([name, css], i) => {
      const arrow = i === state.sort ? (state.down ? " ↓" : " ↑") : "";
      const button = make("button", { type: "button", textContent: name + arrow });
      button.addEventListener("click", () => {
        state.down = i === state.sort ? !state.down : css.startsWith("n");
        state.sort = i;
        refresh();
      });
      const head = make("th", { className: css, scope: "col" }, button);
      if (i === state.sort) head.setAttribute("aria-sort", state.down ? "descending" : "ascending");
      return head;
    });
    const first = state.page * PAGE;
    const rows = state.shown.slice(first, first + PAGE).map(row);
    frame.replaceChildren(make("table", {}, make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...rows)));
    const step = (label, by) => {
      const button = make("button", { type: "button", textContent: label });
      button.disabled = by < 0 ? first === 0 : first + PAGE >= state.shown.length;
      button.addEventListener("click", () => { state.page += by; draw(); });
      return button;
    };
    const range = rows.length ? `${plain(first + 1, 0)} to ${plain(first + rows.length, 0)} of ${plain(state.shown.length, 0)}` : "No trade passes these filters.";
    pages.replaceChildren(step("Before", -1), step("Next", 1), range);
  }
  refresh();
})();
