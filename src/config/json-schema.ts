import { z } from "zod";
import { examplesSchema } from "./examples-schema.js";
import { configSchema } from "./schema.js";
import type { ValuePath } from "./yaml-file.js";

/** As much of JSON Schema as is walked here. */
interface Shape {
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly additionalProperties?: Shape | boolean;
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
}

/** The JSON Schema (draft 2020-12) of the file as it is written, for editors. Defaults and patterns included. */
export function configJsonSchema(): Record<string, unknown> {
  const schema = configSchema({ publicKey: () => ({ fingerprint: "" }) });
  return {
    ...z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }),
    title: "Bascule configuration",
  };
}

/** The JSON Schema of a file of examples of a policy. */
export function examplesJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(examplesSchema(), { io: "input", unrepresentable: "any" });
}

/** The keys that the section at `path` of such a file may have. */
export function knownKeysAt(path: ValuePath, schema: object): readonly string[] {
  let shapes: readonly Shape[] = [schema];
  for (const step of path) shapes = shapes.flatMap((shape) => below(shape, step));
  return shapes.flatMap((shape) => Object.keys(shape.properties ?? {}));
}

/** All shapes that the value under a key may have. */
function below({ properties, additionalProperties, items }: Shape, step: string | number): readonly Shape[] {
  if (typeof step === "number") return items === undefined ? [] : [items, ...(items.anyOf ?? [])];
  const own =
    properties !== undefined && Object.hasOwn(properties, step) ? properties[step] : additionalProperties;
  return typeof own === "object" ? [own, ...(own.anyOf ?? [])] : [];
}
