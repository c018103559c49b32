import assert from "node:assert/strict";

/** The error of this class with which the work rejects. */
export async function failureOf<Failure extends Error>(
  work: Promise<unknown>,
  Class: abstract new (...given: never[]) => Failure,
): Promise<Failure> {
  const error = await work.then(
    () => assert.fail("it succeeded"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof Class, String(error));
  return error;
}
