import type { HttpBindings } from "@hono/node-server";
import { Hono, type Context } from "hono";
import { EXIT } from "../commands/index.js";
import type { Control } from "../control/index.js";
import { Refusal, refusalAnswer, STATUS } from "./answer.js";
import { authenticate, type Visit } from "./authenticate.js";
import { clientAddress } from "./client-address.js";
import { commandLife } from "./command-life.js";
import { commandsByPath } from "./command-path.js";
import { evidence, EVIDENCE } from "./evidence.js";
import { FailedAttempts } from "./failed-attempts.js";
import { login } from "./login.js";
import { openApi } from "./openapi.js";
import { readObject } from "./read-body.js";
import { CommandRuns } from "./run-over-http.js";

export interface AppOptions {
  readonly control: Control;
  /** Aborted when the bastion stops. */
  readonly closing: AbortSignal;
}

interface Env {
  Bindings: HttpBindings;
}

/** For whoever shows an answer in a browser by mistake: nothing of it is run, framed, kept or sent on. */
const HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** The routes. Nothing here is for browsers: there is no CORS, no cookie and no page. */
export function createApp({ control, closing }: AppOptions): Hono<Env> {
  const app = new Hono<Env>();
  const failures = new FailedAttempts();
  const runs = new CommandRuns(control);
  const document = openApi(commandsByPath);
  const visit = (c: Context<Env>): Visit => ({ control, failures, address: clientAddress(c.env.incoming) });
  app.use(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(HEADERS)) c.res.headers.set(name, value);
  });
  app.onError((error, c) => refuse(c, error, control));
  app.notFound((c) =>
    refuse(c, new Refusal(STATUS.notFound, EXIT.notFound, "there is nothing here"), control),
  );
  app.get("/healthz", (c) => c.json({ ok: true }));
  app.get("/v1/openapi.json", (c) => c.json(document));
  app.post("/v1/login", async (c) => c.json(await login(visit(c), await readObject(c.req.raw))));
  app.get(`${EVIDENCE}*`, async (c) => {
    const holder = await authenticate(visit(c), c.req.header("authorization"));
    return evidence(control, holder, c.req.path.slice(EVIDENCE.length));
  });
  app.post("/v1/commands/:command", async (c) => {
    const holder = await authenticate(visit(c), c.req.header("authorization"));
    const command = commandsByPath.get(c.req.param("command"));
    if (command === undefined)
      throw new Refusal(STATUS.notFound, EXIT.notFound, "there is no such command", {
        hint: "see: GET /v1/openapi.json",
      });
    const body = await readObject(c.req.raw);
    const life = commandLife(c.env.outgoing, holder.untilMs - control.nowMs, closing);
    try {
      const { status, answer } = await runs.run({ command, holder, body, signal: life.signal });
      return c.json(answer, status);
    } finally {
      life.end();
    }
  });
  return app;
}

function refuse(c: Context, error: unknown, control: Control): Response {
  const refusal = error instanceof Refusal ? error : unforeseen(error, control);
  if (refusal.status === STATUS.unauthorized) c.header("www-authenticate", 'Bearer realm="bascule"');
  if (refusal.status === STATUS.tooMany || refusal.status === STATUS.tryLater)
    c.header("retry-after", String(refusal.retryAfterSeconds));
  return c.json(refusalAnswer(refusal), refusal.status);
}

function unforeseen(error: unknown, control: Control): Refusal {
  control.log.error({ error: error instanceof Error ? error.message : String(error) }, "http request failed");
  return new Refusal(STATUS.failed, EXIT.failed, "it failed; the bastion's log says why");
}
