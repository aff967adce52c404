import { describe, expect, it } from "vitest";

import { AssetError, SmartSynchError } from "../src/errors.js";
import { fromErrorMessage, toErrorMessage } from "../src/protocol.js";

const roundTrip = (thrown: unknown): SmartSynchError =>
  fromErrorMessage(structuredClone(toErrorMessage(thrown)));

describe("errors as messages", () => {
  it("arrive with code, message and field", () => {
    const error = roundTrip(new SmartSynchError("invalid_model", "damaged", "tensor head.w1"));
    expect(error).toBeInstanceOf(SmartSynchError);
    expect(error).not.toBeInstanceOf(AssetError);
    expect(error).toMatchObject({ code: 4, message: "damaged", field: "tensor head.w1" });
  });

  it("arrive with address and status", () => {
    const error = roundTrip(
      new AssetError("unavailable", "gone", { url: "http://a/b.wasm", status: 404 }),
    );
    expect(error).toBeInstanceOf(AssetError);
    expect(error).toMatchObject({ url: "http://a/b.wasm", status: 404, codeName: "unavailable" });
  });

  it("keep the worker's stack as cause", () => {
    expect(roundTrip(new SmartSynchError("internal", "x")).cause).toContain("protocol.test");
  });

  it.each<[unknown, string]>([
    [new TypeError("no"), "TypeError: no"],
    ["text", "text"],
    [null, "null"],
  ])("of something else (%s) become internal", (thrown, message) => {
    expect(roundTrip(thrown)).toMatchObject({ codeName: "internal", message });
  });
});
