// The schema of searches, from the API.

/** Return the columns by name, aliases included. */
export function columnsByName(schema) {
  return new Map(
    schema.columns.flatMap((column) =>
      [column.name, ...column.aliases].map((name) => [name, column]),
    ),
  );
}
