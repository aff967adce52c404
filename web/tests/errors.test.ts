import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { AssetError, codeNameOf, ErrorCode, SmartSynchError, toError } from "../src/errors.js";
import { root } from "./support/paths.js";

const header = readFileSync(`${root}core/include/smartsynch/base/status.h`, "utf8");
const source = readFileSync(`${root}core/src/base/status.cpp`, "utf8");

/** kInvalidModel → 4, from the header. */
function coreCodes(): Map<string, number> {
  return new Map(
    [...header.matchAll(/^\s+k(\w+) = (\d+),/gm)].map(([, name = "", number]) => [
      name,
      Number(number),
    ]),
  );
}

describe("ErrorCode", () => {
  it("has the names and numbers of the C++ core", () => {
    const codes = coreCodes();
    expect(codes.size).toBeGreaterThanOrEqual(13);
    const table = new Map<string, number>();
    for (const [name, number] of codes) {
      const spelled = new RegExp(`ErrorCode::k${name}:\\s*return "(\\w+)"`).exec(source)?.[1];
      table.set(spelled ?? name, number);
    }
    expect(new Map<string, number>(Object.entries(ErrorCode))).toEqual(table);
  });

  it("is found by number, and an unknown number is internal", () => {
    expect(codeNameOf(4)).toBe("invalid_model");
    expect(codeNameOf(999)).toBe("internal");
  });
});

describe("SmartSynchError", () => {
  it("carries code, name, field and cause", () => {
    const cause = new Error("because");
    const error = new SmartSynchError("not_found", "no such category", "category", { cause });
    expect(error).toMatchObject({ code: 7, codeName: "not_found", field: "category", cause });
    expect(error.name).toBe("SmartSynchError");
    expect(error).toBeInstanceOf(Error);
  });

  it("names address and status when a file is to blame", () => {
    const error = new AssetError("unavailable", "x", { url: "http://a/b", status: 404 });
    expect(error).toBeInstanceOf(SmartSynchError);
    expect(error).toMatchObject({ name: "AssetError", url: "http://a/b", status: 404, code: 10 });
  });
});

describe("toError", () => {
  it("keeps errors and wraps everything else", () => {
    const error = new TypeError("t");
    expect(toError(error)).toBe(error);
    expect(toError("text")).toMatchObject({ codeName: "internal", message: "text" });
    expect(toError(undefined)).toBeInstanceOf(SmartSynchError);
  });
});
