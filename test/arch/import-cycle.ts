/**
 * One cycle in a graph, as the way around it with its start repeated at the end; undefined when there is none.
 *
 * @param edges what each node points at; a target that is no key points at nothing
 */
export function findCycle(edges: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const finished = new Set<string>();
  const way: string[] = [];
  const walk = (node: string): readonly string[] | undefined => {
    if (way.includes(node)) return [...way.slice(way.indexOf(node)), node];
    if (finished.has(node)) return undefined;
    way.push(node);
    for (const next of edges.get(node) ?? []) {
      const cycle = walk(next);
      if (cycle !== undefined) return cycle;
    }
    way.pop();
    finished.add(node);
    return undefined;
  };
  for (const node of edges.keys()) {
    const cycle = walk(node);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
