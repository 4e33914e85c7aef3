"""Writes CSV files of invented people, about 91 bytes a row; the same number gives the same file."""


def row(number, title=""):
    """Ids come in no order, as most systems give them."""
    scattered = number * 2654435761 & 0xffffffff
    return (f"{scattered:08x}-{number & 0xffff:04x}-4000-8000-{number:012x},person{number:07}@example.com,"
            f"{title}Person Number {number},dept-{number % 1000:03}\n")


def write_people(path, people, changed_every=0):
    """So many people; with changed_every, one person in so many has another name."""
    with open(path, "w", encoding="ascii", newline="") as file:
        file.write("id,mail,name,department\n")
        for number in range(people):
            file.write(row(number, "Dr. " if changed_every and number % changed_every == 0 else ""))
