import type { OperationContext } from "../../provider/core/context";
import type { Operations, PreviewResult } from "../../provider/resources/operations";

/**
 * Checks inputs and previews them when they are valid, as a front does before an update. Writes the notes to the log, so
 * that the log contains everything that a user sees.
 */
export async function checkAndPreview<Inputs, State extends Inputs>(
  operations: Operations<Inputs, State>,
  olds: Record<string, unknown>,
  news: Record<string, unknown>,
  context: OperationContext,
): Promise<Pick<PreviewResult, "outputs" | "failures"> & { inputs: Record<string, unknown> }> {
  const checked = operations.check(news, context);
  const logNotes = (notes: PreviewResult["notes"]) => {
    for (const { severity, text } of notes) severity === "warning" ? context.log.warn(text) : context.log.info(text);
  };
  logNotes(checked.notes);
  const { inputs, failures } = checked;
  if (failures.length > 0) return { inputs, outputs: {}, failures };
  const recorded = Object.keys(olds).length === 0 ? undefined : { inputs: olds };
  const preview = await operations.preview(recorded, inputs as Inputs, context);
  logNotes(preview.notes);
  return { inputs, outputs: preview.outputs, failures: preview.failures };
}
