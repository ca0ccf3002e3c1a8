// The browser knows its time zone: the choice is only for those whose browser does not tell, or is not known here.
export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function chooseZone() {
  const select = document.getElementById("user_timezone");
  if (![...(select?.options ?? [])].some((option) => option.value === zone)) return;
  select.value = zone;
  document.querySelector("[data-zone-choice]").hidden = true;
}
