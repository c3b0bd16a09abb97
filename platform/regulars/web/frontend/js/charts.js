// Draws every <figure data-chart> from the JSON block inside it, on canvas, with tooltips as rich
// text: nothing of ECharts writes HTML or style attributes, so the content security policy holds.
import { BarChart, LineChart, ScatterChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { formatter } from "./numbers.js";

use([BarChart, LineChart, ScatterChart, GridComponent, LegendComponent, TooltipComponent, AriaComponent, CanvasRenderer]);

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
// Canvas cannot read light-dark(); a probe element turns any colour into one it can.
const probe = document.createElement("span");
probe.hidden = true;
document.body.append(probe);
const colour = (name) => {
  probe.style.color = `var(${name})`;
  return getComputedStyle(probe).color;
};

function paint(payload) {
  const { write, dense } = formatter(payload);
  const [text, line, surface] = [colour("--muted-text"), colour("--line"), colour("--bg-surface")];
  const strong = [colour("--primary"), colour("--chart-2"), colour("--chart-3"), colour("--chart-4")];
  const curve = payload.kind === "curve"; // a hundred steps of customers, up to all of the sales
  const fifth = Math.max(1, Math.round((payload.labels.length - 1) / 5));
  const grey = colour("--chart-muted");
  const type = payload.kind === "bar" ? "bar" : payload.kind === "scatter" ? "scatter" : "line";
  let turn = 0;
  const series = payload.series.map((one) => {
    const own = one.muted ? grey : strong[turn++ % strong.length];
    return {
      name: one.name,
      type,
      data: one.values,
      symbol: "circle",
      symbolSize: type === "scatter" ? 8 : 6,
      showSymbol: type === "scatter" || payload.labels.length < 3,
      smooth: false,
      barMaxWidth: 28,
      z: one.muted ? 1 : 2,
      itemStyle: { color: own, borderRadius: type === "bar" ? [3, 3, 0, 0] : 0 },
      lineStyle: { color: own, width: one.muted ? 1.5 : 2.5, type: one.muted ? [4, 4] : "solid" },
      areaStyle: curve && !one.muted ? { color: own, opacity: 0.1 } : undefined,
      emphasis: { disabled: true },
    };
  });
  const font = { fontFamily: css("--body-font-family") || "sans-serif", color: text, fontSize: 12 };
  return {
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    animationDuration: 300,
    aria: { enabled: false }, // the table behind the chart is what is read out
    textStyle: font,
    grid: { left: 4, right: 12, top: series.length > 1 ? 36 : 12, bottom: 4, outerBoundsMode: "same" },
    legend: series.length > 1 ? { top: 0, left: 0, icon: "roundRect", itemWidth: 12, itemHeight: 4, itemGap: 18, textStyle: font } : undefined,
    tooltip: {
      trigger: type === "scatter" ? "item" : "axis",
      renderMode: "richText",
      confine: true,
      backgroundColor: surface,
      borderColor: line,
      padding: [8, 12],
      textStyle: { ...font, color: colour("--body-color"), lineHeight: 20 },
      axisPointer: { type: type === "bar" ? "shadow" : "line", lineStyle: { color: line }, shadowStyle: { color: line, opacity: 0.35 } },
      valueFormatter: (value) => (value == null ? "—" : write(value)),
    },
    xAxis: {
      type: "category",
      data: payload.labels,
      boundaryGap: type === "bar",
      axisLine: { lineStyle: { color: line } },
      axisTick: { show: false },
      axisLabel: { ...font, hideOverlap: true, margin: 10, interval: curve ? (index) => index % fifth === 0 : "auto" },
    },
    yAxis: {
      type: "value",
      splitNumber: 4,
      max: curve ? 1 : undefined,
      interval: curve ? 0.2 : undefined,
      axisLabel: { ...font, formatter: dense },
      splitLine: { lineStyle: { color: line, opacity: 0.7 } },
    },
    series,
  };
}

const drawn = new Map();
const sizes = new ResizeObserver((entries) => {
  for (const entry of entries) drawn.get(entry.target)?.chart.resize();
});

function mount(root) {
  for (const [box, known] of drawn) {
    if (box.isConnected) continue;
    known.chart.dispose();
    sizes.unobserve(box);
    drawn.delete(box);
  }
  for (const figure of root.querySelectorAll("[data-chart]")) {
    const box = figure.querySelector("[data-chart-box]");
    if (drawn.has(box)) continue;
    const payload = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
    const chart = init(box, null, { renderer: "canvas" });
    chart.setOption(paint(payload));
    drawn.set(box, { chart, payload });
    sizes.observe(box);
    figure.dataset.drawn = "";
  }
}

const repaint = () => drawn.forEach(({ chart, payload }) => chart.setOption(paint(payload), true));
document.addEventListener("regulars:theme", repaint);
document.addEventListener("htmx:after:swap", () => mount(document));
addEventListener("beforeprint", () => drawn.forEach(({ chart }) => chart.resize({ width: 640 })));
addEventListener("afterprint", () => drawn.forEach(({ chart }) => chart.resize({ width: "auto" })));
mount(document);
