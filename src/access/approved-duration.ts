import type { RequestState } from "./state.js";

/** For how long a request was approved: the shortest of what was asked and of what each approver gave. */
export function approvedMs({ request, approvals }: RequestState): number {
  return Math.min(request.durationMs, ...approvals.flatMap(({ durationMs }) => durationMs ?? []));
}
