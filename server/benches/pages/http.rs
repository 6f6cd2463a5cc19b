//! As much of a browser as it takes to log in and to ask for a page.

use anyhow::{Context, Result, bail};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// Long enough for any page, short enough to end.
const PATIENCE: Duration = Duration::from_secs(600);

/// Somebody who is logged in.
pub struct Browser {
    address: String,
    cookie: String,
}

impl Browser {
    /// Logs in.
    pub fn log_in(address: &str, name: &str, password: &str) -> Result<Self> {
        let form = format!("name={name}&password={}", password.replace(' ', "+"));
        let head = format!(
            "POST /login HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        );
        let answer = ask(address, &head)?;
        let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: "));
        let cookie = cookie.and_then(|cookie| cookie.split(';').next());
        Ok(Self {
            address: address.to_owned(),
            cookie: cookie
                .with_context(|| format!("{name} was not let in: {answer}"))?
                .to_owned(),
        })
    }

    /// How long a page takes until its last byte is there.
    pub fn time(&self, path: &str) -> Result<Duration> {
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\nConnection: close\r\n\r\n",
            self.address, self.cookie
        );
        let began = Instant::now();
        let answer = ask(&self.address, &head)?;
        let spent = began.elapsed();
        match answer.starts_with("HTTP/1.1 200") {
            true => Ok(spent),
            false => bail!("{path}: {}", answer.lines().next().unwrap_or("no answer")),
        }
    }
}

fn ask(address: &str, request: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
