// The schema of searches, as the API describes it.

/** Return the columns by name, aliases included. */
export function columnsByName(schema) {
  return new Map(
    schema.columns.flatMap((column) =>
      [column.name, ...column.aliases].map((name) => [name, column]),
    ),
  );
}
