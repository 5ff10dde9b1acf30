/** Runs one of the bastion's own processes. It ends when its work does, whatever is still open. */
export async function runInternal(role: string | undefined): Promise<never> {
  if (role === "control") {
    const { runControlProcess } = await import("./control-process.js");
    process.exit(await runControlProcess());
  }
  if (role !== "proxy") throw new TypeError(`there is no process ${String(role)}: control or proxy`);
  const { runProxyProcess } = await import("./proxy-process.js");
  process.exit(await runProxyProcess());
}
