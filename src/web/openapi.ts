import type { Command } from "../commands/index.js";
import { exampleBodies } from "./example-body.js";
import { COMPONENTS, EVIDENCE_FILE, refusals, TOKEN_LOGIN } from "./openapi-components.js";

/** Version of this interface; it changes with what programs would notice. */
const API_VERSION = "1.0.0";

type Argument = Command["options"][string];

/**
 * The OpenAPI 3.1 document of these commands, made of the definitions that run them. It says nothing of this very
 * bastion: anybody may read it.
 */
export function openApi(commandsByPath: ReadonlyMap<string, Command>): object {
  const commands = [...commandsByPath].map(
    ([path, command]) => [`/v1/commands/${path}`, { post: operation(path, command) }] as const,
  );
  return {
    openapi: "3.1.0",
    info: {
      title: "Bascule",
      version: API_VERSION,
      summary: "The commands of an SSH bastion, for programs",
      description:
        "Each command is the one that `ssh bastion …` runs, with the same arguments, the same people allowed, and " +
        "the same answer as its `--json`. A token comes from `ssh bastion token`, or from `/v1/login` for a workload.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/", description: "this bastion" }],
    security: [{ bearer: [] }],
    paths: {
      "/healthz": { get: health },
      "/v1/openapi.json": { get: document },
      "/v1/login": { post: TOKEN_LOGIN },
      "/v1/evidence/{path}": { get: EVIDENCE_FILE },
      ...Object.fromEntries(commands),
    },
    components: COMPONENTS,
  };
}

function operation(path: string, command: Command): object {
  const { name, summary, audience, examples } = command;
  const who = audience === "anyone" ? "Anyone with a token may." : `For ${audience} only.`;
  const body = { schema: bodySchema(command), examples: exampleBodies(command) };
  return {
    operationId: path,
    summary,
    description: `${who} Over ssh: ${examples.map((line) => `\`ssh bastion ${line}\``).join(", ")}`,
    tags: [name.split(" ")[0]],
    requestBody: { required: requiredNames(command).length > 0, content: { "application/json": body } },
    responses: { "200": { $ref: "#/components/responses/Done" }, ...refusals },
  };
}

function bodySchema(command: Command): object {
  const known = Object.entries({ ...command.positionals, ...command.options });
  const properties = Object.fromEntries(known.map(([name, argument]) => [name, argumentSchema(argument)]));
  const required = requiredNames(command);
  return {
    ...{ type: "object", additionalProperties: false, properties },
    ...(required.length > 0 && { required }),
  };
}

function requiredNames({ positionals, options }: Command): readonly string[] {
  return Object.entries({ ...positionals, ...options }).flatMap(([name, argument]) =>
    argument.required ? [name] : [],
  );
}

function argumentSchema({ kind, required, placeholder, summary, fromFile }: Argument): object {
  if (kind === "flag") return { const: true, description: summary };
  const description = fromFile ? `${summary}; its content, not a path` : summary;
  const text = { type: "string", minLength: 1 };
  if (kind !== "list") return { title: placeholder, ...text, description };
  return { title: placeholder, type: "array", items: text, ...(required && { minItems: 1 }), description };
}

const health = {
  operationId: "healthz",
  summary: "Whether the bastion answers",
  security: [],
  responses: { "200": { $ref: "#/components/responses/Healthy" } },
};

const document = {
  operationId: "openapi",
  summary: "This document",
  security: [],
  responses: {
    "200": { description: "OpenAPI 3.1", content: { "application/json": { schema: { type: "object" } } } },
  },
};
