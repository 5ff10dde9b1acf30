import { BODY_BYTES_MAX } from "./read-body.js";

const answer = (schema: string, description: string, headers?: object) => ({
  description,
  ...(headers && { headers }),
  content: { "application/json": { schema: { $ref: `#/components/schemas/${schema}` } } },
});

const notes = { type: "array", items: { type: "string" }, description: "talk about it, for people" };
const exit = { type: "integer", description: "the exit status that the command would have" };
const retryAfter = { "retry-after": { description: "seconds", schema: { type: "integer" } } };

/** What the operations share. */
export const COMPONENTS = {
  securitySchemes: {
    bearer: {
      type: "http",
      scheme: "bearer",
      bearerFormat: "JWT",
      description: "From `ssh bastion token` or `/v1/login`; an hour at most",
    },
  },
  schemas: {
    Done: {
      type: "object",
      required: ["ok", "exit", "result", "notes"],
      properties: { ok: { const: true }, exit, result: { description: "what `--json` prints" }, notes },
    },
    Refused: {
      type: "object",
      required: ["ok", "exit", "message", "notes"],
      properties: {
        ...{ ok: { const: false }, exit },
        ...{ message: { type: "string" }, hint: { type: "string", description: "what would help" }, notes },
      },
    },
    LoggedIn: {
      type: "object",
      required: ["identity", "token", "expiresAt"],
      properties: {
        identity: { type: "string" },
        token: { type: "string", description: "a bearer token; a secret" },
        expiresAt: { type: "string", format: "date-time" },
      },
    },
  },
  responses: {
    Healthy: {
      description: "It answers",
      content: { "application/json": { schema: { properties: { ok: { const: true } } } } },
    },
    Done: answer("Done", "The command's answer, whatever its exit status"),
    LoggedIn: answer("LoggedIn", "A bearer token for the identity"),
    Usage: answer("Refused", "An argument is missing, unknown or not what was expected (exit 2)"),
    Unauthorized: answer("Refused", "No good token; never a word of why", {
      "www-authenticate": { description: "RFC 6750", schema: { type: "string" } },
    }),
    Denied: answer("Refused", "Denied (exit 3), or not permitted to you (exit 77)"),
    NotFound: answer("Refused", "There is nothing of that name (exit 4)"),
    Conflict: answer("Refused", "Verification failed (exit 5)"),
    TooLarge: answer("Refused", `A body of more than ${BODY_BYTES_MAX} bytes`),
    WrongMediaType: answer("Refused", "Not application/json"),
    TooMany: answer("Refused", "Too many failed attempts or running commands (exit 75)", retryAfter),
    Failed: answer("Refused", "The bastion's own fault (exit 1)"),
    TryLater: answer("Refused", "Not now (exit 75), or the wait was broken off (exit 130)", retryAfter),
  },
} as const;

const ref = (name: keyof typeof COMPONENTS.responses) => ({ $ref: `#/components/responses/${name}` });

/** Every answer but 200, by status. */
export const refusals = {
  ...{ "400": ref("Usage"), "401": ref("Unauthorized"), "403": ref("Denied"), "404": ref("NotFound") },
  ...{ "409": ref("Conflict"), "413": ref("TooLarge"), "415": ref("WrongMediaType"), "429": ref("TooMany") },
  ...{ "500": ref("Failed"), "503": ref("TryLater") },
};

/** The login of workloads. */
export const TOKEN_LOGIN = {
  operationId: "login",
  summary: "Lets a workload in by the token of its OIDC issuer",
  description:
    "Issuer, audience and claims must be those that the policy has for exactly one identity. The token that it gets " +
    "is good for the commands below, under the same roles as anybody.",
  security: [],
  requestBody: {
    required: true,
    content: {
      "application/json": {
        schema: {
          ...{ type: "object", additionalProperties: false, required: ["token"] },
          properties: { token: { type: "string", description: "an identity token or a JWT access token" } },
        },
      },
    },
  },
  responses: {
    "200": ref("LoggedIn"),
    ...{ "400": ref("Usage"), "401": ref("Unauthorized"), "413": ref("TooLarge") },
    ...{ "415": ref("WrongMediaType"), "429": ref("TooMany"), "500": ref("Failed") },
  },
};

/** The files of the evidence. */
export const EVIDENCE_FILE = {
  operationId: "evidence",
  summary: "A file of the ledger, or a recording, as it lies on the disk",
  description:
    "For auditors only, with a token that is for `verify`: `bascule verify https://HOST/v1/evidence --token FILE` asks for what it " +
    "needs. Paths are those of a home: `ledger/checkpoint`, `ledger/tile/0/000`, `recordings/2026-11-21/ses-….bsr`. Recordings are sealed " +
    "as they are; that somebody fetches one is in the ledger before the first byte.",
  parameters: [{ name: "path", in: "path", required: true, schema: { type: "string" } }],
  responses: {
    "200": {
      description: "Its bytes",
      content: { "application/octet-stream": { schema: { type: "string", format: "binary" } } },
    },
    ...{ "401": ref("Unauthorized"), "403": ref("Denied"), "404": ref("NotFound") },
    ...{ "429": ref("TooMany"), "500": ref("Failed") },
  },
};
