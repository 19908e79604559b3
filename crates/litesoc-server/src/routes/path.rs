//! Brings the spellings of a path that clients use into one.

use std::borrow::Cow;

/// The path without the prefix `/v1` or `/api/v1`, doubled slashes and a slash at its end.
///
/// Older clients use the prefixes, and some join a base address that ends in a slash with a path that begins with one.
pub(crate) fn normalize(path: &str) -> Cow<'_, str> {
    let path: Cow<'_, str> = if path.contains("//") { collapsed(path).into() } else { path.into() };
    match path {
        Cow::Borrowed(path) => stripped(path).into(),
        Cow::Owned(path) => stripped(&path).to_owned().into(),
    }
}

pub(crate) fn collapsed(path: &str) -> String {
    let mut single = String::with_capacity(path.len());
    for letter in path.chars() {
        if letter != '/' || !single.ends_with('/') {
            single.push(letter);
        }
    }
    single
}

fn stripped(path: &str) -> &str {
    let rest = ["/api/v1", "/v1"]
        .iter()
        .find_map(|prefix| path.strip_prefix(prefix).filter(|rest| rest.is_empty() || rest.starts_with('/')))
        .unwrap_or(path);
    match rest.trim_end_matches('/') {
        "" => "/",
        rest => rest,
    }
}

#[cfg(test)]
mod tests {
    use super::normalize;

    #[test]
    fn spellings_of_a_path_become_one() {
        for path in
            ["/collect", "//collect", "/collect/", "/v1/collect", "/api/v1/collect", "//api//v1///collect//"]
        {
            assert_eq!(normalize(path), "/collect", "{path}");
        }
        assert_eq!(normalize("/v1"), "/");
        assert_eq!(normalize("/"), "/");
        assert_eq!(normalize("*"), "*");
        assert_eq!(normalize("/v1x/collect"), "/v1x/collect");
        assert_eq!(normalize("/v1/v1/collect"), "/v1/collect");
    }
}
