import assert from "node:assert/strict";
import { PasswordPrompts } from "./password-prompts";

const PASSWORD = "open sesame";
const ask = (...prompts: string[]) => prompts.map((prompt) => ({ prompt, echo: false }));

describe("prompts of a server at login", () => {
  for (const prompt of ["Password: ", "root's password:", "(root@router) Password: ", "Passwort:", "Mot de passe : "]) {
    it(`are answered with the password: ${prompt}`, () => {
      assert.deepEqual(new PasswordPrompts(PASSWORD).answer(ask(prompt)), [PASSWORD]);
    });
  }

  for (const prompt of [
    "Verification code: ",
    "One-time password (OATH) for `root': ",
    "Enter PASSCODE: ",
    "RSA token: ",
    "New password: ",
    "Retype new password: ",
    "Duo two-factor login: ",
    "PIN: ",
  ]) {
    it(`are not answered: ${prompt}`, () => {
      const questions = new PasswordPrompts(PASSWORD);
      assert.equal(questions.answer(ask(prompt)), undefined);
      assert.equal(questions.unanswered, prompt.trim());
    });
  }

  it("are not answered when they show the input, or when only some are for the password", () => {
    assert.equal(new PasswordPrompts(PASSWORD).answer([{ prompt: "Password: ", echo: true }]), undefined);
    const questions = new PasswordPrompts(PASSWORD);
    assert.equal(questions.answer(ask("Password: ", "Verification code: ")), undefined);
    assert.equal(questions.unanswered, "Verification code:");
  });

  it("are answered once; notes without a prompt always", () => {
    const questions = new PasswordPrompts(PASSWORD);
    assert.deepEqual(questions.answer([]), []);
    assert.deepEqual(questions.answer(ask("Password: ")), [PASSWORD]);
    assert.deepEqual(questions.answer([]), []);
    assert.equal(questions.answer(ask("Password: ")), undefined);
  });

  it("are shown in one short line, without control characters", () => {
    const questions = new PasswordPrompts(PASSWORD);
    questions.answer(ask(`Token\n\u001b[31m for\t${"you ".repeat(50)}`));
    assert.match(questions.unanswered ?? "", /^Token \[31m for you [\w ]+…$/);
    assert.equal(questions.unanswered?.length, 61);
  });
});
