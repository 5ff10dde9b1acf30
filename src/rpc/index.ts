/**
 * rpc: the few typed messages between the control process and the proxies, and their framing on a unix socket.
 *
 * Proxies face the network, so control decodes everything they say strictly. This room knows neither side: it never
 * decides, never touches a key or a file.
 */
export { RpcLink, RpcError, type RpcHandler } from "./link.js";
export { FrameDecoder, encodeFrame, frameBytesMax } from "./framing.js";
export { commandLineCharactersMax, commandPieceBytesMax, commandWindowBytes } from "./command-limits.js";
export type {
  AskedCommand,
  CallName,
  Calls,
  CommandTerminal,
  EndedRecording,
  CutOrder,
  DeadlineOrder,
  LiveSession,
  OpenedSession,
  Orders,
  OrderName,
  ProxySettings,
  RecordingHead,
  Refusal,
  ReportName,
  Reports,
  SessionProof,
  TargetLogin,
  UpstreamTarget,
} from "./messages.js";
export { callShapes, orderShapes, reportShapes } from "./shapes.js";
