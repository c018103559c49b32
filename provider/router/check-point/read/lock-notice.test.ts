import assert from "node:assert/strict";
import { isHolderNamed, lockNotice, refusalText } from "./lock-notice";

const OWNED = "CLINFR0771  Config lock is owned by webadmin.";
const PRESENT = "CLINFR0519  Configuration lock present. Can not execute this command.";

/** What versions print behind these. */
const ADVICE = [
  "",
  " Use the command 'lock database override' to acquire the lock.",
  " Use 'lock database override' to acquire the lock.",
  " To acquire the lock use the command 'lock database override'.",
];

describe("what a Check Point gateway prints of the lock of the configuration", () => {
  it("names the holder in one line without the advice, wherever its line is", () => {
    for (const advice of ADVICE) {
      for (const answer of [
        `${OWNED}${advice}`,
        `${OWNED}${advice}\n${PRESENT}${advice}`,
        `${PRESENT}${advice}\n${OWNED}${advice}`,
      ]) {
        const notice = lockNotice(answer) ?? "";
        assert.equal(notice, "CLINFR0771  Config lock is owned by webadmin");
        assert.ok(isHolderNamed(notice));
      }
      const nameless = lockNotice(`${PRESENT}${advice}`) ?? "";
      assert.equal(nameless, "CLINFR0519  Configuration lock present. Can not execute this command");
      assert.ok(!isHolderNamed(nameless));
    }
    assert.equal(lockNotice("CLICMD0201  Config lock is already turned on."), undefined);
  });

  it("joins the two lines of a refusal, and leaves every other one as it is", () => {
    for (const advice of ADVICE) {
      const refused = "CLINFR0519  Configuration lock present. Can not execute this command";
      assert.equal(refusalText(`${PRESENT}${advice}`), refused);
      assert.equal(
        refusalText(`${OWNED}${advice}\n${PRESENT}${advice}`),
        `${refused} (CLINFR0771  Config lock is owned by webadmin)`,
      );
    }
    assert.equal(
      refusalText("CLINFR0329  Invalid command:'set x'.\n"),
      "CLINFR0329  Invalid command:'set x'. (unknown to this gateway, or to the role of its user)",
    );
    assert.equal(refusalText("CLINFR0349  Incomplete command.\n"), "CLINFR0349  Incomplete command.");
  });
});
