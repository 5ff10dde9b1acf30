import assert from "node:assert/strict";
import { configJsonSchema } from "../../../src/config/index.js";

interface Shape {
  readonly [key: string]: unknown;
  readonly properties: Readonly<Record<string, Shape>>;
}

describe("config/json-schema", () => {
  const schema = configJsonSchema() as Shape;

  it("is plain JSON that says which draft it is", () => {
    assert.deepEqual(JSON.parse(JSON.stringify(schema)), schema);
    assert.equal(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
  });

  it("demands only what has no default", () => {
    assert.deepEqual([...(schema["required"] as string[])].sort(), [
      "identities",
      "recording",
      "roles",
      "targets",
    ]);
    assert.equal(schema["additionalProperties"], false);
  });

  it("describes the file as it is written, not what becomes of it", () => {
    const grace = schema.properties["limits"]?.properties["loginGrace"];
    assert.equal(grace?.["type"], "string");
    assert.equal(grace["default"], "30s");
    assert.match("2h30m", new RegExp(grace["pattern"] as string));
  });

  it("describes every section", () => {
    for (const [name, section] of Object.entries(schema.properties)) {
      assert.equal(typeof section["description"], "string", name);
    }
  });
});
