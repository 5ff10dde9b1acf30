/**
 * web: the commands over HTTP, for programs: one route a command, answers in JSON, bearer tokens; a login for workloads;
 * an OpenAPI document made of the same definitions. It runs in the control process and speaks plain HTTP, so that it
 * belongs on loopback or behind a reverse proxy with TLS.
 *
 * Must never: decide what a command may do, tell a stranger why they were turned away, keep a token, or serve a page.
 */
export { bindHttp, HttpPortError, type HttpDoor } from "./http-door.js";
