import { readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, release, totalmem } from "node:os";

/** What the figures depend on besides us, with the load at this moment. */
export function machineText(): string {
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  const load = loadavg()[0]?.toFixed(1) ?? "?";
  const cores = `${availableParallelism()} cores of ${model}`;
  return `${cores}, ${gigabytes} GiB, Linux ${release()}, Node ${process.version}, load before ${load}`;
}

/** CPU seconds that a process has used, user and system, with those of its children that have ended. */
export function cpuSeconds(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "latin1");
  // Behind the name in parentheses, from field 3 on: utime, stime, cutime, cstime are fields 14 to 17, in hundredths.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
}

/** Bytes of memory that are a process's own: without files and libraries, which it shares with others. */
export function ownMemoryBytes(pid: number): number {
  const [, kibibytes] = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1")) ?? [];
  if (kibibytes === undefined) throw new Error(`process ${pid} has no memory`);
  return Number(kibibytes) * 1024;
}
