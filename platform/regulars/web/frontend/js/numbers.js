// Numbers on axes and in tooltips, written as regulars/web/money.py writes them.
const MYRIADS = { "zh-hans": [" 亿", " 万"], "zh-hant": [" 億", " 萬"] };

const short = (value) => {
  const places = value < 10 ? 2 : value < 100 ? 1 : 0;
  return Number(value.toFixed(places)).toLocaleString("en-US");
};

/** Return `write` (in full) and `dense` (for an axis) for a chart's payload. */
export function formatter({ unit, symbol, places, language }) {
  const scale = 10 ** places;
  const sign = (value) => (value < 0 ? "−" : "");
  if (unit === "percent")
    return {
      write: (value) => `${(value * 100).toFixed(1)}%`,
      dense: (value) => `${Math.round(value * 100)}%`,
    };
  const steps = MYRIADS[language]
    ? [[1e8, MYRIADS[language][0]], [1e4, MYRIADS[language][1]]]
    : [[1e12, "T"], [1e9, "B"], [1e6, "M"], [1e3, "K"]];
  const mark = unit === "money" ? symbol : "";
  return {
    write: (value) => {
      const amount = Math.abs(value) / scale;
      const digits = Number.isInteger(amount) ? 0 : places;
      return `${sign(value)}${mark}${amount.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
    },
    dense: (value) => {
      const amount = Math.abs(value) / scale;
      const step = steps.find(([size]) => amount >= size);
      return `${sign(value)}${mark}${step ? short(amount / step[0]) + step[1] : short(amount)}`;
    },
  };
}
