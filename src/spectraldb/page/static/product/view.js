export async function show(main) {
  main.textContent = "to be drawn";
}
