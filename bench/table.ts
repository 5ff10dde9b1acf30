import { budgetText, keepsBudget, type Row } from "./row.js";

const heads = ["row", "ours", "reference", "unit", "ratio", "budget", "met", "runs", "min", "max"];
const rightAligned = new Set(["ours", "reference", "ratio", "runs", "min", "max"]);

/** Rows for people, aligned; a line each with its end. */
export function tableText(rows: readonly Row[]): string {
  const lines = [heads, ...rows.map(cells)];
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? "").length)));
  return lines.map((line) => `${lineText(line, widths)}\n`).join("");
}

function cells(row: Row): string[] {
  const { row: name, ours, reference, unit, ratio, runs, min, max } = row;
  const keeps = keepsBudget(row);
  const met = keeps === undefined ? "" : keeps ? "yes" : "no";
  return [
    ...[name, figure(ours), figure(reference), unit, ratio.toFixed(2), budgetText(row), met],
    ...[String(runs), figure(min), figure(max)],
  ];
}

function lineText(line: readonly string[], widths: readonly number[]): string {
  const padded = line.map((cell, column) => {
    const width = widths[column] ?? 0;
    return rightAligned.has(heads[column] ?? "") ? cell.padStart(width) : cell.padEnd(width);
  });
  return padded.join("  ").trimEnd();
}

/** Three digits that mean something, and none invented. */
function figure(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
