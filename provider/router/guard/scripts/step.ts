/** One change on the router and its rollback for the case that a later change fails. Both are shell text. */
export interface Step {
  /** The change in words, as the step of an error message. */
  title: string;
  run: string;
  undo: string;
}
