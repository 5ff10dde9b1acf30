/** ES2024: Node 22 has `transfer`, Node 20 behind a flag that proxies get (cli/serve/proxy-flags). */
interface Transferable {
  transfer?(byteLength: number): unknown;
}

/**
 * Gives memory back that nobody needs any more, and nobody may touch again. The collector would do it some megabytes
 * later, and to write to memory that has left the caches costs more than to encrypt it.
 */
export function releaseBytes({ buffer, length }: Buffer): void {
  if (length === buffer.byteLength) (buffer as Transferable).transfer?.(0);
}
